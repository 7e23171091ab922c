// Original file: proto/chester/v1/admin.proto


export interface DeleteSecretResponse {
}

export interface DeleteSecretResponse__Output {
}
