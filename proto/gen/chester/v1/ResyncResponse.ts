// Original file: proto/chester/v1/admin.proto


export interface ResyncResponse {
}

export interface ResyncResponse__Output {
}
