// Original file: proto/chester/v1/admin.proto


export interface ListIncidentsRequest {
}

export interface ListIncidentsRequest__Output {
}
