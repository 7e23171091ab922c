// Original file: proto/chester/v1/admin.proto


export interface ListFleetsRequest {
}

export interface ListFleetsRequest__Output {
}
