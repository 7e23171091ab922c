// Original file: proto/chester/v1/admin.proto

import type { StoredSecret as _chester_v1_StoredSecret, StoredSecret__Output as _chester_v1_StoredSecret__Output } from '../../chester/v1/StoredSecret.ts';

export interface ListSecretsResponse {
  'secrets'?: (_chester_v1_StoredSecret)[];
  'keyId'?: (string);
}

export interface ListSecretsResponse__Output {
  'secrets': (_chester_v1_StoredSecret__Output)[];
  'keyId': (string);
}
