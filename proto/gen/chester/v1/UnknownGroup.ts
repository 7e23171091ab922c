// Original file: proto/chester/v1/snapshot.proto


export interface UnknownGroup {
}

export interface UnknownGroup__Output {
}
