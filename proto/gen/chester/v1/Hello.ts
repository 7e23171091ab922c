// Original file: proto/chester/v1/agent.proto

import type { KnownGroup as _chester_v1_KnownGroup, KnownGroup__Output as _chester_v1_KnownGroup__Output } from '../../chester/v1/KnownGroup.ts';
import type { AckError as _chester_v1_AckError, AckError__Output as _chester_v1_AckError__Output } from '../../chester/v1/AckError.ts';
import type { ReceivedGroup as _chester_v1_ReceivedGroup, ReceivedGroup__Output as _chester_v1_ReceivedGroup__Output } from '../../chester/v1/ReceivedGroup.ts';
import type { Long } from '@grpc/proto-loader';

export interface Hello {
  'agentId'?: (string);
  'bootId'?: (string);
  'cell'?: (string);
  'fleet'?: (string);
  'podUid'?: (string);
  'proxysqlVersion'?: (string);
  'proxyBoot'?: (string);
  'known'?: (_chester_v1_KnownGroup)[];
  'maxEpoch'?: (number | string | Long);
  'refusal'?: (_chester_v1_AckError | null);
  'received'?: (_chester_v1_ReceivedGroup)[];
}

export interface Hello__Output {
  'agentId': (string);
  'bootId': (string);
  'cell': (string);
  'fleet': (string);
  'podUid': (string);
  'proxysqlVersion': (string);
  'proxyBoot': (string);
  'known': (_chester_v1_KnownGroup__Output)[];
  'maxEpoch': (number);
  'refusal': (_chester_v1_AckError__Output | null);
  'received': (_chester_v1_ReceivedGroup__Output)[];
}
