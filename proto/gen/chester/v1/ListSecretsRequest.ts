// Original file: proto/chester/v1/admin.proto


export interface ListSecretsRequest {
}

export interface ListSecretsRequest__Output {
}
