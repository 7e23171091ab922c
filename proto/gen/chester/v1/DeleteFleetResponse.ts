// Original file: proto/chester/v1/admin.proto


export interface DeleteFleetResponse {
}

export interface DeleteFleetResponse__Output {
}
