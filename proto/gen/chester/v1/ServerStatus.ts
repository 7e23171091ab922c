// Original file: proto/chester/v1/snapshot.proto

export const ServerStatus = {
  SERVER_STATUS_UNSPECIFIED: 'SERVER_STATUS_UNSPECIFIED',
  SERVER_STATUS_ONLINE: 'SERVER_STATUS_ONLINE',
  SERVER_STATUS_OFFLINE_SOFT: 'SERVER_STATUS_OFFLINE_SOFT',
} as const;

export type ServerStatus =
  | 'SERVER_STATUS_UNSPECIFIED'
  | 0
  | 'SERVER_STATUS_ONLINE'
  | 1
  | 'SERVER_STATUS_OFFLINE_SOFT'
  | 2

export type ServerStatus__Output = typeof ServerStatus[keyof typeof ServerStatus]
