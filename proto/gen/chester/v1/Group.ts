// Original file: proto/chester/v1/admin.proto

import type { GroupSpec as _chester_v1_GroupSpec, GroupSpec__Output as _chester_v1_GroupSpec__Output } from '../../chester/v1/GroupSpec.ts';
import type { Replica as _chester_v1_Replica, Replica__Output as _chester_v1_Replica__Output } from '../../chester/v1/Replica.ts';
import type { Hold as _chester_v1_Hold, Hold__Output as _chester_v1_Hold__Output } from '../../chester/v1/Hold.ts';
import type { AgentNotice as _chester_v1_AgentNotice, AgentNotice__Output as _chester_v1_AgentNotice__Output } from '../../chester/v1/AgentNotice.ts';
import type { ScalingDecision as _chester_v1_ScalingDecision, ScalingDecision__Output as _chester_v1_ScalingDecision__Output } from '../../chester/v1/ScalingDecision.ts';
import type { ScalingOrder as _chester_v1_ScalingOrder, ScalingOrder__Output as _chester_v1_ScalingOrder__Output } from '../../chester/v1/ScalingOrder.ts';
import type { ScaleOverride as _chester_v1_ScaleOverride, ScaleOverride__Output as _chester_v1_ScaleOverride__Output } from '../../chester/v1/ScaleOverride.ts';
import type { ServerCordon as _chester_v1_ServerCordon, ServerCordon__Output as _chester_v1_ServerCordon__Output } from '../../chester/v1/ServerCordon.ts';
import type { LiveView as _chester_v1_LiveView, LiveView__Output as _chester_v1_LiveView__Output } from '../../chester/v1/LiveView.ts';
import type { ServerDrain as _chester_v1_ServerDrain, ServerDrain__Output as _chester_v1_ServerDrain__Output } from '../../chester/v1/ServerDrain.ts';
import type { Long } from '@grpc/proto-loader';

export interface Group {
  'spec'?: (_chester_v1_GroupSpec | null);
  'version'?: (number | string | Long);
  'desired'?: (number);
  'desiredReason'?: (string);
  'decision'?: (string);
  'revision'?: (number | string | Long);
  'hash'?: (string);
  'replicas'?: (_chester_v1_Replica)[];
  'agentsConverged'?: (number);
  'agentsTotal'?: (number);
  'primaryAddress'?: (string);
  'holds'?: (_chester_v1_Hold)[];
  'agentNotices'?: (_chester_v1_AgentNotice)[];
  'scalingDecision'?: (_chester_v1_ScalingDecision | null);
  'scaleOutPause'?: (_chester_v1_ScalingOrder | null);
  'scaleInPause'?: (_chester_v1_ScalingOrder | null);
  'scaleOverride'?: (_chester_v1_ScaleOverride | null);
  'cordons'?: (_chester_v1_ServerCordon)[];
  'live'?: (_chester_v1_LiveView | null);
  'drains'?: (_chester_v1_ServerDrain)[];
}

export interface Group__Output {
  'spec': (_chester_v1_GroupSpec__Output | null);
  'version': (number);
  'desired': (number);
  'desiredReason': (string);
  'decision': (string);
  'revision': (number);
  'hash': (string);
  'replicas': (_chester_v1_Replica__Output)[];
  'agentsConverged': (number);
  'agentsTotal': (number);
  'primaryAddress': (string);
  'holds': (_chester_v1_Hold__Output)[];
  'agentNotices': (_chester_v1_AgentNotice__Output)[];
  'scalingDecision': (_chester_v1_ScalingDecision__Output | null);
  'scaleOutPause': (_chester_v1_ScalingOrder__Output | null);
  'scaleInPause': (_chester_v1_ScalingOrder__Output | null);
  'scaleOverride': (_chester_v1_ScaleOverride__Output | null);
  'cordons': (_chester_v1_ServerCordon__Output)[];
  'live': (_chester_v1_LiveView__Output | null);
  'drains': (_chester_v1_ServerDrain__Output)[];
}
