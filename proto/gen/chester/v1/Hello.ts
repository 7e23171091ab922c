// Original file: proto/chester/v1/agent.proto

import type { KnownGroup as _chester_v1_KnownGroup, KnownGroup__Output as _chester_v1_KnownGroup__Output } from '../../chester/v1/KnownGroup.ts';
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
}
