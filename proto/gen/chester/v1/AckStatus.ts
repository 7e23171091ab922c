// Original file: proto/chester/v1/agent.proto

export const AckStatus = {
  ACK_STATUS_UNSPECIFIED: 'ACK_STATUS_UNSPECIFIED',
  ACK_STATUS_APPLIED: 'ACK_STATUS_APPLIED',
  ACK_STATUS_REJECTED: 'ACK_STATUS_REJECTED',
  ACK_STATUS_RETRYING: 'ACK_STATUS_RETRYING',
} as const;

export type AckStatus =
  | 'ACK_STATUS_UNSPECIFIED'
  | 0
  | 'ACK_STATUS_APPLIED'
  | 1
  | 'ACK_STATUS_REJECTED'
  | 2
  | 'ACK_STATUS_RETRYING'
  | 3

export type AckStatus__Output = typeof AckStatus[keyof typeof AckStatus]
