// Original file: proto/chester/v1/agent.proto


export interface SyncDone {
}

export interface SyncDone__Output {
}
