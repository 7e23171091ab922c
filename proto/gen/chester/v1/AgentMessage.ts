// Original file: proto/chester/v1/agent.proto

import type { Hello as _chester_v1_Hello, Hello__Output as _chester_v1_Hello__Output } from '../../chester/v1/Hello.ts';
import type { Ack as _chester_v1_Ack, Ack__Output as _chester_v1_Ack__Output } from '../../chester/v1/Ack.ts';
import type { Report as _chester_v1_Report, Report__Output as _chester_v1_Report__Output } from '../../chester/v1/Report.ts';
import type { Goodbye as _chester_v1_Goodbye, Goodbye__Output as _chester_v1_Goodbye__Output } from '../../chester/v1/Goodbye.ts';

export interface AgentMessage {
  'hello'?: (_chester_v1_Hello | null);
  'ack'?: (_chester_v1_Ack | null);
  'report'?: (_chester_v1_Report | null);
  'goodbye'?: (_chester_v1_Goodbye | null);
  'message'?: "hello"|"ack"|"report"|"goodbye";
}

export interface AgentMessage__Output {
  'hello'?: (_chester_v1_Hello__Output | null);
  'ack'?: (_chester_v1_Ack__Output | null);
  'report'?: (_chester_v1_Report__Output | null);
  'goodbye'?: (_chester_v1_Goodbye__Output | null);
  'message'?: "hello"|"ack"|"report"|"goodbye";
}
