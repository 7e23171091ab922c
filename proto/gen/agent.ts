import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { AbsentServer as _chester_v1_AbsentServer, AbsentServer__Output as _chester_v1_AbsentServer__Output } from './chester/v1/AbsentServer.ts';
import type { Ack as _chester_v1_Ack, Ack__Output as _chester_v1_Ack__Output } from './chester/v1/Ack.ts';
import type { AckError as _chester_v1_AckError, AckError__Output as _chester_v1_AckError__Output } from './chester/v1/AckError.ts';
import type { Address as _chester_v1_Address, Address__Output as _chester_v1_Address__Output } from './chester/v1/Address.ts';
import type { AgentMessage as _chester_v1_AgentMessage, AgentMessage__Output as _chester_v1_AgentMessage__Output } from './chester/v1/AgentMessage.ts';
import type { AgentServiceClient as _chester_v1_AgentServiceClient, AgentServiceDefinition as _chester_v1_AgentServiceDefinition } from './chester/v1/AgentService.ts';
import type { Bookmark as _chester_v1_Bookmark, Bookmark__Output as _chester_v1_Bookmark__Output } from './chester/v1/Bookmark.ts';
import type { Certificate as _chester_v1_Certificate, Certificate__Output as _chester_v1_Certificate__Output } from './chester/v1/Certificate.ts';
import type { ClientCertificate as _chester_v1_ClientCertificate, ClientCertificate__Output as _chester_v1_ClientCertificate__Output } from './chester/v1/ClientCertificate.ts';
import type { Column as _chester_v1_Column, Column__Output as _chester_v1_Column__Output } from './chester/v1/Column.ts';
import type { CoordinatorMessage as _chester_v1_CoordinatorMessage, CoordinatorMessage__Output as _chester_v1_CoordinatorMessage__Output } from './chester/v1/CoordinatorMessage.ts';
import type { CordonedServer as _chester_v1_CordonedServer, CordonedServer__Output as _chester_v1_CordonedServer__Output } from './chester/v1/CordonedServer.ts';
import type { FleetSettings as _chester_v1_FleetSettings, FleetSettings__Output as _chester_v1_FleetSettings__Output } from './chester/v1/FleetSettings.ts';
import type { Goodbye as _chester_v1_Goodbye, Goodbye__Output as _chester_v1_Goodbye__Output } from './chester/v1/Goodbye.ts';
import type { GroupPolicy as _chester_v1_GroupPolicy, GroupPolicy__Output as _chester_v1_GroupPolicy__Output } from './chester/v1/GroupPolicy.ts';
import type { GroupReport as _chester_v1_GroupReport, GroupReport__Output as _chester_v1_GroupReport__Output } from './chester/v1/GroupReport.ts';
import type { Hello as _chester_v1_Hello, Hello__Output as _chester_v1_Hello__Output } from './chester/v1/Hello.ts';
import type { KnownGroup as _chester_v1_KnownGroup, KnownGroup__Output as _chester_v1_KnownGroup__Output } from './chester/v1/KnownGroup.ts';
import type { LeavingServer as _chester_v1_LeavingServer, LeavingServer__Output as _chester_v1_LeavingServer__Output } from './chester/v1/LeavingServer.ts';
import type { ReceivedGroup as _chester_v1_ReceivedGroup, ReceivedGroup__Output as _chester_v1_ReceivedGroup__Output } from './chester/v1/ReceivedGroup.ts';
import type { Reconnect as _chester_v1_Reconnect, Reconnect__Output as _chester_v1_Reconnect__Output } from './chester/v1/Reconnect.ts';
import type { RemovedGroup as _chester_v1_RemovedGroup, RemovedGroup__Output as _chester_v1_RemovedGroup__Output } from './chester/v1/RemovedGroup.ts';
import type { RemovingServer as _chester_v1_RemovingServer, RemovingServer__Output as _chester_v1_RemovingServer__Output } from './chester/v1/RemovingServer.ts';
import type { Report as _chester_v1_Report, Report__Output as _chester_v1_Report__Output } from './chester/v1/Report.ts';
import type { Row as _chester_v1_Row, Row__Output as _chester_v1_Row__Output } from './chester/v1/Row.ts';
import type { RuleIds as _chester_v1_RuleIds, RuleIds__Output as _chester_v1_RuleIds__Output } from './chester/v1/RuleIds.ts';
import type { Server as _chester_v1_Server, Server__Output as _chester_v1_Server__Output } from './chester/v1/Server.ts';
import type { ServerReport as _chester_v1_ServerReport, ServerReport__Output as _chester_v1_ServerReport__Output } from './chester/v1/ServerReport.ts';
import type { SlowStart as _chester_v1_SlowStart, SlowStart__Output as _chester_v1_SlowStart__Output } from './chester/v1/SlowStart.ts';
import type { Snapshot as _chester_v1_Snapshot, Snapshot__Output as _chester_v1_Snapshot__Output } from './chester/v1/Snapshot.ts';
import type { SyncDone as _chester_v1_SyncDone, SyncDone__Output as _chester_v1_SyncDone__Output } from './chester/v1/SyncDone.ts';
import type { UnknownGroup as _chester_v1_UnknownGroup, UnknownGroup__Output as _chester_v1_UnknownGroup__Output } from './chester/v1/UnknownGroup.ts';
import type { Update as _chester_v1_Update, Update__Output as _chester_v1_Update__Output } from './chester/v1/Update.ts';
import type { WarmingServer as _chester_v1_WarmingServer, WarmingServer__Output as _chester_v1_WarmingServer__Output } from './chester/v1/WarmingServer.ts';
import type { Welcome as _chester_v1_Welcome, Welcome__Output as _chester_v1_Welcome__Output } from './chester/v1/Welcome.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  chester: {
    v1: {
      AbsentServer: MessageTypeDefinition<_chester_v1_AbsentServer, _chester_v1_AbsentServer__Output>
      Ack: MessageTypeDefinition<_chester_v1_Ack, _chester_v1_Ack__Output>
      AckError: MessageTypeDefinition<_chester_v1_AckError, _chester_v1_AckError__Output>
      AckStatus: EnumTypeDefinition
      Address: MessageTypeDefinition<_chester_v1_Address, _chester_v1_Address__Output>
      AgentMessage: MessageTypeDefinition<_chester_v1_AgentMessage, _chester_v1_AgentMessage__Output>
      AgentService: SubtypeConstructor<typeof grpc.Client, _chester_v1_AgentServiceClient> & { service: _chester_v1_AgentServiceDefinition }
      Bookmark: MessageTypeDefinition<_chester_v1_Bookmark, _chester_v1_Bookmark__Output>
      Certificate: MessageTypeDefinition<_chester_v1_Certificate, _chester_v1_Certificate__Output>
      ClientCertificate: MessageTypeDefinition<_chester_v1_ClientCertificate, _chester_v1_ClientCertificate__Output>
      Column: MessageTypeDefinition<_chester_v1_Column, _chester_v1_Column__Output>
      CoordinatorMessage: MessageTypeDefinition<_chester_v1_CoordinatorMessage, _chester_v1_CoordinatorMessage__Output>
      CordonedServer: MessageTypeDefinition<_chester_v1_CordonedServer, _chester_v1_CordonedServer__Output>
      FleetSettings: MessageTypeDefinition<_chester_v1_FleetSettings, _chester_v1_FleetSettings__Output>
      Goodbye: MessageTypeDefinition<_chester_v1_Goodbye, _chester_v1_Goodbye__Output>
      GroupPolicy: MessageTypeDefinition<_chester_v1_GroupPolicy, _chester_v1_GroupPolicy__Output>
      GroupReport: MessageTypeDefinition<_chester_v1_GroupReport, _chester_v1_GroupReport__Output>
      Hello: MessageTypeDefinition<_chester_v1_Hello, _chester_v1_Hello__Output>
      KnownGroup: MessageTypeDefinition<_chester_v1_KnownGroup, _chester_v1_KnownGroup__Output>
      LeavingServer: MessageTypeDefinition<_chester_v1_LeavingServer, _chester_v1_LeavingServer__Output>
      ReceivedGroup: MessageTypeDefinition<_chester_v1_ReceivedGroup, _chester_v1_ReceivedGroup__Output>
      Reconnect: MessageTypeDefinition<_chester_v1_Reconnect, _chester_v1_Reconnect__Output>
      RemovedGroup: MessageTypeDefinition<_chester_v1_RemovedGroup, _chester_v1_RemovedGroup__Output>
      RemovingServer: MessageTypeDefinition<_chester_v1_RemovingServer, _chester_v1_RemovingServer__Output>
      Report: MessageTypeDefinition<_chester_v1_Report, _chester_v1_Report__Output>
      Row: MessageTypeDefinition<_chester_v1_Row, _chester_v1_Row__Output>
      RuleIds: MessageTypeDefinition<_chester_v1_RuleIds, _chester_v1_RuleIds__Output>
      Server: MessageTypeDefinition<_chester_v1_Server, _chester_v1_Server__Output>
      ServerReport: MessageTypeDefinition<_chester_v1_ServerReport, _chester_v1_ServerReport__Output>
      ServerStatus: EnumTypeDefinition
      SlowStart: MessageTypeDefinition<_chester_v1_SlowStart, _chester_v1_SlowStart__Output>
      Snapshot: MessageTypeDefinition<_chester_v1_Snapshot, _chester_v1_Snapshot__Output>
      SyncDone: MessageTypeDefinition<_chester_v1_SyncDone, _chester_v1_SyncDone__Output>
      UnknownGroup: MessageTypeDefinition<_chester_v1_UnknownGroup, _chester_v1_UnknownGroup__Output>
      Update: MessageTypeDefinition<_chester_v1_Update, _chester_v1_Update__Output>
      WarmingServer: MessageTypeDefinition<_chester_v1_WarmingServer, _chester_v1_WarmingServer__Output>
      Welcome: MessageTypeDefinition<_chester_v1_Welcome, _chester_v1_Welcome__Output>
    }
  }
}

