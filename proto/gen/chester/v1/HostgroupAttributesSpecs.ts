// Original file: proto/chester/v1/admin.proto

import type { HostgroupAttributesSpec as _chester_v1_HostgroupAttributesSpec, HostgroupAttributesSpec__Output as _chester_v1_HostgroupAttributesSpec__Output } from '../../chester/v1/HostgroupAttributesSpec.ts';

export interface HostgroupAttributesSpecs {
  'writer'?: (_chester_v1_HostgroupAttributesSpec | null);
  'reader'?: (_chester_v1_HostgroupAttributesSpec | null);
}

export interface HostgroupAttributesSpecs__Output {
  'writer': (_chester_v1_HostgroupAttributesSpec__Output | null);
  'reader': (_chester_v1_HostgroupAttributesSpec__Output | null);
}
