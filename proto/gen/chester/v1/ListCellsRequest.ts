// Original file: proto/chester/v1/admin.proto


export interface ListCellsRequest {
}

export interface ListCellsRequest__Output {
}
