// Original file: proto/chester/v1/admin.proto


export interface DeleteGroupResponse {
}

export interface DeleteGroupResponse__Output {
}
