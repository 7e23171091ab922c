// Original file: proto/chester/v1/admin.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AcceptPrimaryRequest as _chester_v1_AcceptPrimaryRequest, AcceptPrimaryRequest__Output as _chester_v1_AcceptPrimaryRequest__Output } from '../../chester/v1/AcceptPrimaryRequest.ts';
import type { AddQueryRuleRequest as _chester_v1_AddQueryRuleRequest, AddQueryRuleRequest__Output as _chester_v1_AddQueryRuleRequest__Output } from '../../chester/v1/AddQueryRuleRequest.ts';
import type { AdoptRequest as _chester_v1_AdoptRequest, AdoptRequest__Output as _chester_v1_AdoptRequest__Output } from '../../chester/v1/AdoptRequest.ts';
import type { Agent as _chester_v1_Agent, Agent__Output as _chester_v1_Agent__Output } from '../../chester/v1/Agent.ts';
import type { ApplyGroupsRequest as _chester_v1_ApplyGroupsRequest, ApplyGroupsRequest__Output as _chester_v1_ApplyGroupsRequest__Output } from '../../chester/v1/ApplyGroupsRequest.ts';
import type { ApplyGroupsResponse as _chester_v1_ApplyGroupsResponse, ApplyGroupsResponse__Output as _chester_v1_ApplyGroupsResponse__Output } from '../../chester/v1/ApplyGroupsResponse.ts';
import type { CancelDrainRequest as _chester_v1_CancelDrainRequest, CancelDrainRequest__Output as _chester_v1_CancelDrainRequest__Output } from '../../chester/v1/CancelDrainRequest.ts';
import type { CloseIncidentRequest as _chester_v1_CloseIncidentRequest, CloseIncidentRequest__Output as _chester_v1_CloseIncidentRequest__Output } from '../../chester/v1/CloseIncidentRequest.ts';
import type { CloseIncidentResponse as _chester_v1_CloseIncidentResponse, CloseIncidentResponse__Output as _chester_v1_CloseIncidentResponse__Output } from '../../chester/v1/CloseIncidentResponse.ts';
import type { CordonRequest as _chester_v1_CordonRequest, CordonRequest__Output as _chester_v1_CordonRequest__Output } from '../../chester/v1/CordonRequest.ts';
import type { CreateGroupRequest as _chester_v1_CreateGroupRequest, CreateGroupRequest__Output as _chester_v1_CreateGroupRequest__Output } from '../../chester/v1/CreateGroupRequest.ts';
import type { DeleteFleetRequest as _chester_v1_DeleteFleetRequest, DeleteFleetRequest__Output as _chester_v1_DeleteFleetRequest__Output } from '../../chester/v1/DeleteFleetRequest.ts';
import type { DeleteFleetResponse as _chester_v1_DeleteFleetResponse, DeleteFleetResponse__Output as _chester_v1_DeleteFleetResponse__Output } from '../../chester/v1/DeleteFleetResponse.ts';
import type { DeleteGroupRequest as _chester_v1_DeleteGroupRequest, DeleteGroupRequest__Output as _chester_v1_DeleteGroupRequest__Output } from '../../chester/v1/DeleteGroupRequest.ts';
import type { DeleteGroupResponse as _chester_v1_DeleteGroupResponse, DeleteGroupResponse__Output as _chester_v1_DeleteGroupResponse__Output } from '../../chester/v1/DeleteGroupResponse.ts';
import type { DeleteQueryRuleRequest as _chester_v1_DeleteQueryRuleRequest, DeleteQueryRuleRequest__Output as _chester_v1_DeleteQueryRuleRequest__Output } from '../../chester/v1/DeleteQueryRuleRequest.ts';
import type { DeleteSecretRequest as _chester_v1_DeleteSecretRequest, DeleteSecretRequest__Output as _chester_v1_DeleteSecretRequest__Output } from '../../chester/v1/DeleteSecretRequest.ts';
import type { DeleteSecretResponse as _chester_v1_DeleteSecretResponse, DeleteSecretResponse__Output as _chester_v1_DeleteSecretResponse__Output } from '../../chester/v1/DeleteSecretResponse.ts';
import type { DeleteServerRequest as _chester_v1_DeleteServerRequest, DeleteServerRequest__Output as _chester_v1_DeleteServerRequest__Output } from '../../chester/v1/DeleteServerRequest.ts';
import type { DeleteUserRequest as _chester_v1_DeleteUserRequest, DeleteUserRequest__Output as _chester_v1_DeleteUserRequest__Output } from '../../chester/v1/DeleteUserRequest.ts';
import type { DiagnoseRequest as _chester_v1_DiagnoseRequest, DiagnoseRequest__Output as _chester_v1_DiagnoseRequest__Output } from '../../chester/v1/DiagnoseRequest.ts';
import type { DiagnoseResponse as _chester_v1_DiagnoseResponse, DiagnoseResponse__Output as _chester_v1_DiagnoseResponse__Output } from '../../chester/v1/DiagnoseResponse.ts';
import type { DiffSnapshotsRequest as _chester_v1_DiffSnapshotsRequest, DiffSnapshotsRequest__Output as _chester_v1_DiffSnapshotsRequest__Output } from '../../chester/v1/DiffSnapshotsRequest.ts';
import type { DiffSnapshotsResponse as _chester_v1_DiffSnapshotsResponse, DiffSnapshotsResponse__Output as _chester_v1_DiffSnapshotsResponse__Output } from '../../chester/v1/DiffSnapshotsResponse.ts';
import type { DrainRequest as _chester_v1_DrainRequest, DrainRequest__Output as _chester_v1_DrainRequest__Output } from '../../chester/v1/DrainRequest.ts';
import type { Event as _chester_v1_Event, Event__Output as _chester_v1_Event__Output } from '../../chester/v1/Event.ts';
import type { ExplainRequest as _chester_v1_ExplainRequest, ExplainRequest__Output as _chester_v1_ExplainRequest__Output } from '../../chester/v1/ExplainRequest.ts';
import type { ExplainResponse as _chester_v1_ExplainResponse, ExplainResponse__Output as _chester_v1_ExplainResponse__Output } from '../../chester/v1/ExplainResponse.ts';
import type { Fleet as _chester_v1_Fleet, Fleet__Output as _chester_v1_Fleet__Output } from '../../chester/v1/Fleet.ts';
import type { ForgetAgentRequest as _chester_v1_ForgetAgentRequest, ForgetAgentRequest__Output as _chester_v1_ForgetAgentRequest__Output } from '../../chester/v1/ForgetAgentRequest.ts';
import type { ForgetAgentResponse as _chester_v1_ForgetAgentResponse, ForgetAgentResponse__Output as _chester_v1_ForgetAgentResponse__Output } from '../../chester/v1/ForgetAgentResponse.ts';
import type { GetAgentRequest as _chester_v1_GetAgentRequest, GetAgentRequest__Output as _chester_v1_GetAgentRequest__Output } from '../../chester/v1/GetAgentRequest.ts';
import type { GetFleetRequest as _chester_v1_GetFleetRequest, GetFleetRequest__Output as _chester_v1_GetFleetRequest__Output } from '../../chester/v1/GetFleetRequest.ts';
import type { GetGroupRequest as _chester_v1_GetGroupRequest, GetGroupRequest__Output as _chester_v1_GetGroupRequest__Output } from '../../chester/v1/GetGroupRequest.ts';
import type { GetIncidentRequest as _chester_v1_GetIncidentRequest, GetIncidentRequest__Output as _chester_v1_GetIncidentRequest__Output } from '../../chester/v1/GetIncidentRequest.ts';
import type { GetPolicyRequest as _chester_v1_GetPolicyRequest, GetPolicyRequest__Output as _chester_v1_GetPolicyRequest__Output } from '../../chester/v1/GetPolicyRequest.ts';
import type { GetSetAsideRequest as _chester_v1_GetSetAsideRequest, GetSetAsideRequest__Output as _chester_v1_GetSetAsideRequest__Output } from '../../chester/v1/GetSetAsideRequest.ts';
import type { Group as _chester_v1_Group, Group__Output as _chester_v1_Group__Output } from '../../chester/v1/Group.ts';
import type { Incident as _chester_v1_Incident, Incident__Output as _chester_v1_Incident__Output } from '../../chester/v1/Incident.ts';
import type { ListAgentsRequest as _chester_v1_ListAgentsRequest, ListAgentsRequest__Output as _chester_v1_ListAgentsRequest__Output } from '../../chester/v1/ListAgentsRequest.ts';
import type { ListAgentsResponse as _chester_v1_ListAgentsResponse, ListAgentsResponse__Output as _chester_v1_ListAgentsResponse__Output } from '../../chester/v1/ListAgentsResponse.ts';
import type { ListAuditRequest as _chester_v1_ListAuditRequest, ListAuditRequest__Output as _chester_v1_ListAuditRequest__Output } from '../../chester/v1/ListAuditRequest.ts';
import type { ListAuditResponse as _chester_v1_ListAuditResponse, ListAuditResponse__Output as _chester_v1_ListAuditResponse__Output } from '../../chester/v1/ListAuditResponse.ts';
import type { ListCellsRequest as _chester_v1_ListCellsRequest, ListCellsRequest__Output as _chester_v1_ListCellsRequest__Output } from '../../chester/v1/ListCellsRequest.ts';
import type { ListCellsResponse as _chester_v1_ListCellsResponse, ListCellsResponse__Output as _chester_v1_ListCellsResponse__Output } from '../../chester/v1/ListCellsResponse.ts';
import type { ListFleetsRequest as _chester_v1_ListFleetsRequest, ListFleetsRequest__Output as _chester_v1_ListFleetsRequest__Output } from '../../chester/v1/ListFleetsRequest.ts';
import type { ListFleetsResponse as _chester_v1_ListFleetsResponse, ListFleetsResponse__Output as _chester_v1_ListFleetsResponse__Output } from '../../chester/v1/ListFleetsResponse.ts';
import type { ListGroupsRequest as _chester_v1_ListGroupsRequest, ListGroupsRequest__Output as _chester_v1_ListGroupsRequest__Output } from '../../chester/v1/ListGroupsRequest.ts';
import type { ListGroupsResponse as _chester_v1_ListGroupsResponse, ListGroupsResponse__Output as _chester_v1_ListGroupsResponse__Output } from '../../chester/v1/ListGroupsResponse.ts';
import type { ListHistoryRequest as _chester_v1_ListHistoryRequest, ListHistoryRequest__Output as _chester_v1_ListHistoryRequest__Output } from '../../chester/v1/ListHistoryRequest.ts';
import type { ListHistoryResponse as _chester_v1_ListHistoryResponse, ListHistoryResponse__Output as _chester_v1_ListHistoryResponse__Output } from '../../chester/v1/ListHistoryResponse.ts';
import type { ListIncidentsRequest as _chester_v1_ListIncidentsRequest, ListIncidentsRequest__Output as _chester_v1_ListIncidentsRequest__Output } from '../../chester/v1/ListIncidentsRequest.ts';
import type { ListIncidentsResponse as _chester_v1_ListIncidentsResponse, ListIncidentsResponse__Output as _chester_v1_ListIncidentsResponse__Output } from '../../chester/v1/ListIncidentsResponse.ts';
import type { ListLoadRequest as _chester_v1_ListLoadRequest, ListLoadRequest__Output as _chester_v1_ListLoadRequest__Output } from '../../chester/v1/ListLoadRequest.ts';
import type { ListLoadResponse as _chester_v1_ListLoadResponse, ListLoadResponse__Output as _chester_v1_ListLoadResponse__Output } from '../../chester/v1/ListLoadResponse.ts';
import type { ListQueryRulesRequest as _chester_v1_ListQueryRulesRequest, ListQueryRulesRequest__Output as _chester_v1_ListQueryRulesRequest__Output } from '../../chester/v1/ListQueryRulesRequest.ts';
import type { ListQueryRulesResponse as _chester_v1_ListQueryRulesResponse, ListQueryRulesResponse__Output as _chester_v1_ListQueryRulesResponse__Output } from '../../chester/v1/ListQueryRulesResponse.ts';
import type { ListSecretsRequest as _chester_v1_ListSecretsRequest, ListSecretsRequest__Output as _chester_v1_ListSecretsRequest__Output } from '../../chester/v1/ListSecretsRequest.ts';
import type { ListSecretsResponse as _chester_v1_ListSecretsResponse, ListSecretsResponse__Output as _chester_v1_ListSecretsResponse__Output } from '../../chester/v1/ListSecretsResponse.ts';
import type { ListServersRequest as _chester_v1_ListServersRequest, ListServersRequest__Output as _chester_v1_ListServersRequest__Output } from '../../chester/v1/ListServersRequest.ts';
import type { ListServersResponse as _chester_v1_ListServersResponse, ListServersResponse__Output as _chester_v1_ListServersResponse__Output } from '../../chester/v1/ListServersResponse.ts';
import type { ListSetAsideRequest as _chester_v1_ListSetAsideRequest, ListSetAsideRequest__Output as _chester_v1_ListSetAsideRequest__Output } from '../../chester/v1/ListSetAsideRequest.ts';
import type { ListSetAsideResponse as _chester_v1_ListSetAsideResponse, ListSetAsideResponse__Output as _chester_v1_ListSetAsideResponse__Output } from '../../chester/v1/ListSetAsideResponse.ts';
import type { ListUsersRequest as _chester_v1_ListUsersRequest, ListUsersRequest__Output as _chester_v1_ListUsersRequest__Output } from '../../chester/v1/ListUsersRequest.ts';
import type { ListUsersResponse as _chester_v1_ListUsersResponse, ListUsersResponse__Output as _chester_v1_ListUsersResponse__Output } from '../../chester/v1/ListUsersResponse.ts';
import type { PauseRequest as _chester_v1_PauseRequest, PauseRequest__Output as _chester_v1_PauseRequest__Output } from '../../chester/v1/PauseRequest.ts';
import type { PlanGroupsRequest as _chester_v1_PlanGroupsRequest, PlanGroupsRequest__Output as _chester_v1_PlanGroupsRequest__Output } from '../../chester/v1/PlanGroupsRequest.ts';
import type { PlanGroupsResponse as _chester_v1_PlanGroupsResponse, PlanGroupsResponse__Output as _chester_v1_PlanGroupsResponse__Output } from '../../chester/v1/PlanGroupsResponse.ts';
import type { Policy as _chester_v1_Policy, Policy__Output as _chester_v1_Policy__Output } from '../../chester/v1/Policy.ts';
import type { PutFleetRequest as _chester_v1_PutFleetRequest, PutFleetRequest__Output as _chester_v1_PutFleetRequest__Output } from '../../chester/v1/PutFleetRequest.ts';
import type { PutGroupRequest as _chester_v1_PutGroupRequest, PutGroupRequest__Output as _chester_v1_PutGroupRequest__Output } from '../../chester/v1/PutGroupRequest.ts';
import type { PutPolicyRequest as _chester_v1_PutPolicyRequest, PutPolicyRequest__Output as _chester_v1_PutPolicyRequest__Output } from '../../chester/v1/PutPolicyRequest.ts';
import type { PutQueryRulesRequest as _chester_v1_PutQueryRulesRequest, PutQueryRulesRequest__Output as _chester_v1_PutQueryRulesRequest__Output } from '../../chester/v1/PutQueryRulesRequest.ts';
import type { PutSecretRequest as _chester_v1_PutSecretRequest, PutSecretRequest__Output as _chester_v1_PutSecretRequest__Output } from '../../chester/v1/PutSecretRequest.ts';
import type { PutServerRequest as _chester_v1_PutServerRequest, PutServerRequest__Output as _chester_v1_PutServerRequest__Output } from '../../chester/v1/PutServerRequest.ts';
import type { PutUserRequest as _chester_v1_PutUserRequest, PutUserRequest__Output as _chester_v1_PutUserRequest__Output } from '../../chester/v1/PutUserRequest.ts';
import type { ReleaseRequest as _chester_v1_ReleaseRequest, ReleaseRequest__Output as _chester_v1_ReleaseRequest__Output } from '../../chester/v1/ReleaseRequest.ts';
import type { ReleaseScaleRequest as _chester_v1_ReleaseScaleRequest, ReleaseScaleRequest__Output as _chester_v1_ReleaseScaleRequest__Output } from '../../chester/v1/ReleaseScaleRequest.ts';
import type { ReplaySetAsideRequest as _chester_v1_ReplaySetAsideRequest, ReplaySetAsideRequest__Output as _chester_v1_ReplaySetAsideRequest__Output } from '../../chester/v1/ReplaySetAsideRequest.ts';
import type { ReplaySetAsideResponse as _chester_v1_ReplaySetAsideResponse, ReplaySetAsideResponse__Output as _chester_v1_ReplaySetAsideResponse__Output } from '../../chester/v1/ReplaySetAsideResponse.ts';
import type { ResumeRequest as _chester_v1_ResumeRequest, ResumeRequest__Output as _chester_v1_ResumeRequest__Output } from '../../chester/v1/ResumeRequest.ts';
import type { ResyncRequest as _chester_v1_ResyncRequest, ResyncRequest__Output as _chester_v1_ResyncRequest__Output } from '../../chester/v1/ResyncRequest.ts';
import type { ResyncResponse as _chester_v1_ResyncResponse, ResyncResponse__Output as _chester_v1_ResyncResponse__Output } from '../../chester/v1/ResyncResponse.ts';
import type { RetireCellRequest as _chester_v1_RetireCellRequest, RetireCellRequest__Output as _chester_v1_RetireCellRequest__Output } from '../../chester/v1/RetireCellRequest.ts';
import type { RollbackRequest as _chester_v1_RollbackRequest, RollbackRequest__Output as _chester_v1_RollbackRequest__Output } from '../../chester/v1/RollbackRequest.ts';
import type { RotateSecretKeyRequest as _chester_v1_RotateSecretKeyRequest, RotateSecretKeyRequest__Output as _chester_v1_RotateSecretKeyRequest__Output } from '../../chester/v1/RotateSecretKeyRequest.ts';
import type { RotateSecretKeyResponse as _chester_v1_RotateSecretKeyResponse, RotateSecretKeyResponse__Output as _chester_v1_RotateSecretKeyResponse__Output } from '../../chester/v1/RotateSecretKeyResponse.ts';
import type { ScaleRequest as _chester_v1_ScaleRequest, ScaleRequest__Output as _chester_v1_ScaleRequest__Output } from '../../chester/v1/ScaleRequest.ts';
import type { SetAsideMessage as _chester_v1_SetAsideMessage, SetAsideMessage__Output as _chester_v1_SetAsideMessage__Output } from '../../chester/v1/SetAsideMessage.ts';
import type { StoredSecret as _chester_v1_StoredSecret, StoredSecret__Output as _chester_v1_StoredSecret__Output } from '../../chester/v1/StoredSecret.ts';
import type { UncordonRequest as _chester_v1_UncordonRequest, UncordonRequest__Output as _chester_v1_UncordonRequest__Output } from '../../chester/v1/UncordonRequest.ts';
import type { WatchEventsRequest as _chester_v1_WatchEventsRequest, WatchEventsRequest__Output as _chester_v1_WatchEventsRequest__Output } from '../../chester/v1/WatchEventsRequest.ts';

export interface AdminServiceClient extends grpc.Client {
  AcceptPrimary(argument: _chester_v1_AcceptPrimaryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  AcceptPrimary(argument: _chester_v1_AcceptPrimaryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  AcceptPrimary(argument: _chester_v1_AcceptPrimaryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  AcceptPrimary(argument: _chester_v1_AcceptPrimaryRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  acceptPrimary(argument: _chester_v1_AcceptPrimaryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  acceptPrimary(argument: _chester_v1_AcceptPrimaryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  acceptPrimary(argument: _chester_v1_AcceptPrimaryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  acceptPrimary(argument: _chester_v1_AcceptPrimaryRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  AddQueryRule(argument: _chester_v1_AddQueryRuleRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  AddQueryRule(argument: _chester_v1_AddQueryRuleRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  AddQueryRule(argument: _chester_v1_AddQueryRuleRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  AddQueryRule(argument: _chester_v1_AddQueryRuleRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  addQueryRule(argument: _chester_v1_AddQueryRuleRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  addQueryRule(argument: _chester_v1_AddQueryRuleRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  addQueryRule(argument: _chester_v1_AddQueryRuleRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  addQueryRule(argument: _chester_v1_AddQueryRuleRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  Adopt(argument: _chester_v1_AdoptRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Adopt(argument: _chester_v1_AdoptRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Adopt(argument: _chester_v1_AdoptRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Adopt(argument: _chester_v1_AdoptRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  adopt(argument: _chester_v1_AdoptRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  adopt(argument: _chester_v1_AdoptRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  adopt(argument: _chester_v1_AdoptRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  adopt(argument: _chester_v1_AdoptRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  ApplyGroups(argument: _chester_v1_ApplyGroupsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ApplyGroupsResponse__Output>): grpc.ClientUnaryCall;
  ApplyGroups(argument: _chester_v1_ApplyGroupsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ApplyGroupsResponse__Output>): grpc.ClientUnaryCall;
  ApplyGroups(argument: _chester_v1_ApplyGroupsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ApplyGroupsResponse__Output>): grpc.ClientUnaryCall;
  ApplyGroups(argument: _chester_v1_ApplyGroupsRequest, callback: grpc.requestCallback<_chester_v1_ApplyGroupsResponse__Output>): grpc.ClientUnaryCall;
  applyGroups(argument: _chester_v1_ApplyGroupsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ApplyGroupsResponse__Output>): grpc.ClientUnaryCall;
  applyGroups(argument: _chester_v1_ApplyGroupsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ApplyGroupsResponse__Output>): grpc.ClientUnaryCall;
  applyGroups(argument: _chester_v1_ApplyGroupsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ApplyGroupsResponse__Output>): grpc.ClientUnaryCall;
  applyGroups(argument: _chester_v1_ApplyGroupsRequest, callback: grpc.requestCallback<_chester_v1_ApplyGroupsResponse__Output>): grpc.ClientUnaryCall;
  
  CancelDrain(argument: _chester_v1_CancelDrainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  CancelDrain(argument: _chester_v1_CancelDrainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  CancelDrain(argument: _chester_v1_CancelDrainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  CancelDrain(argument: _chester_v1_CancelDrainRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  cancelDrain(argument: _chester_v1_CancelDrainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  cancelDrain(argument: _chester_v1_CancelDrainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  cancelDrain(argument: _chester_v1_CancelDrainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  cancelDrain(argument: _chester_v1_CancelDrainRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  CloseIncident(argument: _chester_v1_CloseIncidentRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_CloseIncidentResponse__Output>): grpc.ClientUnaryCall;
  CloseIncident(argument: _chester_v1_CloseIncidentRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_CloseIncidentResponse__Output>): grpc.ClientUnaryCall;
  CloseIncident(argument: _chester_v1_CloseIncidentRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_CloseIncidentResponse__Output>): grpc.ClientUnaryCall;
  CloseIncident(argument: _chester_v1_CloseIncidentRequest, callback: grpc.requestCallback<_chester_v1_CloseIncidentResponse__Output>): grpc.ClientUnaryCall;
  closeIncident(argument: _chester_v1_CloseIncidentRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_CloseIncidentResponse__Output>): grpc.ClientUnaryCall;
  closeIncident(argument: _chester_v1_CloseIncidentRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_CloseIncidentResponse__Output>): grpc.ClientUnaryCall;
  closeIncident(argument: _chester_v1_CloseIncidentRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_CloseIncidentResponse__Output>): grpc.ClientUnaryCall;
  closeIncident(argument: _chester_v1_CloseIncidentRequest, callback: grpc.requestCallback<_chester_v1_CloseIncidentResponse__Output>): grpc.ClientUnaryCall;
  
  Cordon(argument: _chester_v1_CordonRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Cordon(argument: _chester_v1_CordonRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Cordon(argument: _chester_v1_CordonRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Cordon(argument: _chester_v1_CordonRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  cordon(argument: _chester_v1_CordonRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  cordon(argument: _chester_v1_CordonRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  cordon(argument: _chester_v1_CordonRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  cordon(argument: _chester_v1_CordonRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  CreateGroup(argument: _chester_v1_CreateGroupRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  CreateGroup(argument: _chester_v1_CreateGroupRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  CreateGroup(argument: _chester_v1_CreateGroupRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  CreateGroup(argument: _chester_v1_CreateGroupRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  createGroup(argument: _chester_v1_CreateGroupRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  createGroup(argument: _chester_v1_CreateGroupRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  createGroup(argument: _chester_v1_CreateGroupRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  createGroup(argument: _chester_v1_CreateGroupRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  DeleteFleet(argument: _chester_v1_DeleteFleetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DeleteFleetResponse__Output>): grpc.ClientUnaryCall;
  DeleteFleet(argument: _chester_v1_DeleteFleetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_DeleteFleetResponse__Output>): grpc.ClientUnaryCall;
  DeleteFleet(argument: _chester_v1_DeleteFleetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DeleteFleetResponse__Output>): grpc.ClientUnaryCall;
  DeleteFleet(argument: _chester_v1_DeleteFleetRequest, callback: grpc.requestCallback<_chester_v1_DeleteFleetResponse__Output>): grpc.ClientUnaryCall;
  deleteFleet(argument: _chester_v1_DeleteFleetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DeleteFleetResponse__Output>): grpc.ClientUnaryCall;
  deleteFleet(argument: _chester_v1_DeleteFleetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_DeleteFleetResponse__Output>): grpc.ClientUnaryCall;
  deleteFleet(argument: _chester_v1_DeleteFleetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DeleteFleetResponse__Output>): grpc.ClientUnaryCall;
  deleteFleet(argument: _chester_v1_DeleteFleetRequest, callback: grpc.requestCallback<_chester_v1_DeleteFleetResponse__Output>): grpc.ClientUnaryCall;
  
  DeleteGroup(argument: _chester_v1_DeleteGroupRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DeleteGroupResponse__Output>): grpc.ClientUnaryCall;
  DeleteGroup(argument: _chester_v1_DeleteGroupRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_DeleteGroupResponse__Output>): grpc.ClientUnaryCall;
  DeleteGroup(argument: _chester_v1_DeleteGroupRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DeleteGroupResponse__Output>): grpc.ClientUnaryCall;
  DeleteGroup(argument: _chester_v1_DeleteGroupRequest, callback: grpc.requestCallback<_chester_v1_DeleteGroupResponse__Output>): grpc.ClientUnaryCall;
  deleteGroup(argument: _chester_v1_DeleteGroupRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DeleteGroupResponse__Output>): grpc.ClientUnaryCall;
  deleteGroup(argument: _chester_v1_DeleteGroupRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_DeleteGroupResponse__Output>): grpc.ClientUnaryCall;
  deleteGroup(argument: _chester_v1_DeleteGroupRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DeleteGroupResponse__Output>): grpc.ClientUnaryCall;
  deleteGroup(argument: _chester_v1_DeleteGroupRequest, callback: grpc.requestCallback<_chester_v1_DeleteGroupResponse__Output>): grpc.ClientUnaryCall;
  
  DeleteQueryRule(argument: _chester_v1_DeleteQueryRuleRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  DeleteQueryRule(argument: _chester_v1_DeleteQueryRuleRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  DeleteQueryRule(argument: _chester_v1_DeleteQueryRuleRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  DeleteQueryRule(argument: _chester_v1_DeleteQueryRuleRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  deleteQueryRule(argument: _chester_v1_DeleteQueryRuleRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  deleteQueryRule(argument: _chester_v1_DeleteQueryRuleRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  deleteQueryRule(argument: _chester_v1_DeleteQueryRuleRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  deleteQueryRule(argument: _chester_v1_DeleteQueryRuleRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  DeleteSecret(argument: _chester_v1_DeleteSecretRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DeleteSecretResponse__Output>): grpc.ClientUnaryCall;
  DeleteSecret(argument: _chester_v1_DeleteSecretRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_DeleteSecretResponse__Output>): grpc.ClientUnaryCall;
  DeleteSecret(argument: _chester_v1_DeleteSecretRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DeleteSecretResponse__Output>): grpc.ClientUnaryCall;
  DeleteSecret(argument: _chester_v1_DeleteSecretRequest, callback: grpc.requestCallback<_chester_v1_DeleteSecretResponse__Output>): grpc.ClientUnaryCall;
  deleteSecret(argument: _chester_v1_DeleteSecretRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DeleteSecretResponse__Output>): grpc.ClientUnaryCall;
  deleteSecret(argument: _chester_v1_DeleteSecretRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_DeleteSecretResponse__Output>): grpc.ClientUnaryCall;
  deleteSecret(argument: _chester_v1_DeleteSecretRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DeleteSecretResponse__Output>): grpc.ClientUnaryCall;
  deleteSecret(argument: _chester_v1_DeleteSecretRequest, callback: grpc.requestCallback<_chester_v1_DeleteSecretResponse__Output>): grpc.ClientUnaryCall;
  
  DeleteServer(argument: _chester_v1_DeleteServerRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  DeleteServer(argument: _chester_v1_DeleteServerRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  DeleteServer(argument: _chester_v1_DeleteServerRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  DeleteServer(argument: _chester_v1_DeleteServerRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  deleteServer(argument: _chester_v1_DeleteServerRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  deleteServer(argument: _chester_v1_DeleteServerRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  deleteServer(argument: _chester_v1_DeleteServerRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  deleteServer(argument: _chester_v1_DeleteServerRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  DeleteUser(argument: _chester_v1_DeleteUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  DeleteUser(argument: _chester_v1_DeleteUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  DeleteUser(argument: _chester_v1_DeleteUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  DeleteUser(argument: _chester_v1_DeleteUserRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  deleteUser(argument: _chester_v1_DeleteUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  deleteUser(argument: _chester_v1_DeleteUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  deleteUser(argument: _chester_v1_DeleteUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  deleteUser(argument: _chester_v1_DeleteUserRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  Diagnose(argument: _chester_v1_DiagnoseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DiagnoseResponse__Output>): grpc.ClientUnaryCall;
  Diagnose(argument: _chester_v1_DiagnoseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_DiagnoseResponse__Output>): grpc.ClientUnaryCall;
  Diagnose(argument: _chester_v1_DiagnoseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DiagnoseResponse__Output>): grpc.ClientUnaryCall;
  Diagnose(argument: _chester_v1_DiagnoseRequest, callback: grpc.requestCallback<_chester_v1_DiagnoseResponse__Output>): grpc.ClientUnaryCall;
  diagnose(argument: _chester_v1_DiagnoseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DiagnoseResponse__Output>): grpc.ClientUnaryCall;
  diagnose(argument: _chester_v1_DiagnoseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_DiagnoseResponse__Output>): grpc.ClientUnaryCall;
  diagnose(argument: _chester_v1_DiagnoseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DiagnoseResponse__Output>): grpc.ClientUnaryCall;
  diagnose(argument: _chester_v1_DiagnoseRequest, callback: grpc.requestCallback<_chester_v1_DiagnoseResponse__Output>): grpc.ClientUnaryCall;
  
  DiffSnapshots(argument: _chester_v1_DiffSnapshotsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DiffSnapshotsResponse__Output>): grpc.ClientUnaryCall;
  DiffSnapshots(argument: _chester_v1_DiffSnapshotsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_DiffSnapshotsResponse__Output>): grpc.ClientUnaryCall;
  DiffSnapshots(argument: _chester_v1_DiffSnapshotsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DiffSnapshotsResponse__Output>): grpc.ClientUnaryCall;
  DiffSnapshots(argument: _chester_v1_DiffSnapshotsRequest, callback: grpc.requestCallback<_chester_v1_DiffSnapshotsResponse__Output>): grpc.ClientUnaryCall;
  diffSnapshots(argument: _chester_v1_DiffSnapshotsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DiffSnapshotsResponse__Output>): grpc.ClientUnaryCall;
  diffSnapshots(argument: _chester_v1_DiffSnapshotsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_DiffSnapshotsResponse__Output>): grpc.ClientUnaryCall;
  diffSnapshots(argument: _chester_v1_DiffSnapshotsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_DiffSnapshotsResponse__Output>): grpc.ClientUnaryCall;
  diffSnapshots(argument: _chester_v1_DiffSnapshotsRequest, callback: grpc.requestCallback<_chester_v1_DiffSnapshotsResponse__Output>): grpc.ClientUnaryCall;
  
  Drain(argument: _chester_v1_DrainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Drain(argument: _chester_v1_DrainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Drain(argument: _chester_v1_DrainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Drain(argument: _chester_v1_DrainRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  drain(argument: _chester_v1_DrainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  drain(argument: _chester_v1_DrainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  drain(argument: _chester_v1_DrainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  drain(argument: _chester_v1_DrainRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  Explain(argument: _chester_v1_ExplainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ExplainResponse__Output>): grpc.ClientUnaryCall;
  Explain(argument: _chester_v1_ExplainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ExplainResponse__Output>): grpc.ClientUnaryCall;
  Explain(argument: _chester_v1_ExplainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ExplainResponse__Output>): grpc.ClientUnaryCall;
  Explain(argument: _chester_v1_ExplainRequest, callback: grpc.requestCallback<_chester_v1_ExplainResponse__Output>): grpc.ClientUnaryCall;
  explain(argument: _chester_v1_ExplainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ExplainResponse__Output>): grpc.ClientUnaryCall;
  explain(argument: _chester_v1_ExplainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ExplainResponse__Output>): grpc.ClientUnaryCall;
  explain(argument: _chester_v1_ExplainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ExplainResponse__Output>): grpc.ClientUnaryCall;
  explain(argument: _chester_v1_ExplainRequest, callback: grpc.requestCallback<_chester_v1_ExplainResponse__Output>): grpc.ClientUnaryCall;
  
  ForgetAgent(argument: _chester_v1_ForgetAgentRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ForgetAgentResponse__Output>): grpc.ClientUnaryCall;
  ForgetAgent(argument: _chester_v1_ForgetAgentRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ForgetAgentResponse__Output>): grpc.ClientUnaryCall;
  ForgetAgent(argument: _chester_v1_ForgetAgentRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ForgetAgentResponse__Output>): grpc.ClientUnaryCall;
  ForgetAgent(argument: _chester_v1_ForgetAgentRequest, callback: grpc.requestCallback<_chester_v1_ForgetAgentResponse__Output>): grpc.ClientUnaryCall;
  forgetAgent(argument: _chester_v1_ForgetAgentRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ForgetAgentResponse__Output>): grpc.ClientUnaryCall;
  forgetAgent(argument: _chester_v1_ForgetAgentRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ForgetAgentResponse__Output>): grpc.ClientUnaryCall;
  forgetAgent(argument: _chester_v1_ForgetAgentRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ForgetAgentResponse__Output>): grpc.ClientUnaryCall;
  forgetAgent(argument: _chester_v1_ForgetAgentRequest, callback: grpc.requestCallback<_chester_v1_ForgetAgentResponse__Output>): grpc.ClientUnaryCall;
  
  GetAgent(argument: _chester_v1_GetAgentRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Agent__Output>): grpc.ClientUnaryCall;
  GetAgent(argument: _chester_v1_GetAgentRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Agent__Output>): grpc.ClientUnaryCall;
  GetAgent(argument: _chester_v1_GetAgentRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Agent__Output>): grpc.ClientUnaryCall;
  GetAgent(argument: _chester_v1_GetAgentRequest, callback: grpc.requestCallback<_chester_v1_Agent__Output>): grpc.ClientUnaryCall;
  getAgent(argument: _chester_v1_GetAgentRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Agent__Output>): grpc.ClientUnaryCall;
  getAgent(argument: _chester_v1_GetAgentRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Agent__Output>): grpc.ClientUnaryCall;
  getAgent(argument: _chester_v1_GetAgentRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Agent__Output>): grpc.ClientUnaryCall;
  getAgent(argument: _chester_v1_GetAgentRequest, callback: grpc.requestCallback<_chester_v1_Agent__Output>): grpc.ClientUnaryCall;
  
  GetFleet(argument: _chester_v1_GetFleetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Fleet__Output>): grpc.ClientUnaryCall;
  GetFleet(argument: _chester_v1_GetFleetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Fleet__Output>): grpc.ClientUnaryCall;
  GetFleet(argument: _chester_v1_GetFleetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Fleet__Output>): grpc.ClientUnaryCall;
  GetFleet(argument: _chester_v1_GetFleetRequest, callback: grpc.requestCallback<_chester_v1_Fleet__Output>): grpc.ClientUnaryCall;
  getFleet(argument: _chester_v1_GetFleetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Fleet__Output>): grpc.ClientUnaryCall;
  getFleet(argument: _chester_v1_GetFleetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Fleet__Output>): grpc.ClientUnaryCall;
  getFleet(argument: _chester_v1_GetFleetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Fleet__Output>): grpc.ClientUnaryCall;
  getFleet(argument: _chester_v1_GetFleetRequest, callback: grpc.requestCallback<_chester_v1_Fleet__Output>): grpc.ClientUnaryCall;
  
  GetGroup(argument: _chester_v1_GetGroupRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  GetGroup(argument: _chester_v1_GetGroupRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  GetGroup(argument: _chester_v1_GetGroupRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  GetGroup(argument: _chester_v1_GetGroupRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  getGroup(argument: _chester_v1_GetGroupRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  getGroup(argument: _chester_v1_GetGroupRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  getGroup(argument: _chester_v1_GetGroupRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  getGroup(argument: _chester_v1_GetGroupRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  GetIncident(argument: _chester_v1_GetIncidentRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Incident__Output>): grpc.ClientUnaryCall;
  GetIncident(argument: _chester_v1_GetIncidentRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Incident__Output>): grpc.ClientUnaryCall;
  GetIncident(argument: _chester_v1_GetIncidentRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Incident__Output>): grpc.ClientUnaryCall;
  GetIncident(argument: _chester_v1_GetIncidentRequest, callback: grpc.requestCallback<_chester_v1_Incident__Output>): grpc.ClientUnaryCall;
  getIncident(argument: _chester_v1_GetIncidentRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Incident__Output>): grpc.ClientUnaryCall;
  getIncident(argument: _chester_v1_GetIncidentRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Incident__Output>): grpc.ClientUnaryCall;
  getIncident(argument: _chester_v1_GetIncidentRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Incident__Output>): grpc.ClientUnaryCall;
  getIncident(argument: _chester_v1_GetIncidentRequest, callback: grpc.requestCallback<_chester_v1_Incident__Output>): grpc.ClientUnaryCall;
  
  GetPolicy(argument: _chester_v1_GetPolicyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Policy__Output>): grpc.ClientUnaryCall;
  GetPolicy(argument: _chester_v1_GetPolicyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Policy__Output>): grpc.ClientUnaryCall;
  GetPolicy(argument: _chester_v1_GetPolicyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Policy__Output>): grpc.ClientUnaryCall;
  GetPolicy(argument: _chester_v1_GetPolicyRequest, callback: grpc.requestCallback<_chester_v1_Policy__Output>): grpc.ClientUnaryCall;
  getPolicy(argument: _chester_v1_GetPolicyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Policy__Output>): grpc.ClientUnaryCall;
  getPolicy(argument: _chester_v1_GetPolicyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Policy__Output>): grpc.ClientUnaryCall;
  getPolicy(argument: _chester_v1_GetPolicyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Policy__Output>): grpc.ClientUnaryCall;
  getPolicy(argument: _chester_v1_GetPolicyRequest, callback: grpc.requestCallback<_chester_v1_Policy__Output>): grpc.ClientUnaryCall;
  
  GetSetAside(argument: _chester_v1_GetSetAsideRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_SetAsideMessage__Output>): grpc.ClientUnaryCall;
  GetSetAside(argument: _chester_v1_GetSetAsideRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_SetAsideMessage__Output>): grpc.ClientUnaryCall;
  GetSetAside(argument: _chester_v1_GetSetAsideRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_SetAsideMessage__Output>): grpc.ClientUnaryCall;
  GetSetAside(argument: _chester_v1_GetSetAsideRequest, callback: grpc.requestCallback<_chester_v1_SetAsideMessage__Output>): grpc.ClientUnaryCall;
  getSetAside(argument: _chester_v1_GetSetAsideRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_SetAsideMessage__Output>): grpc.ClientUnaryCall;
  getSetAside(argument: _chester_v1_GetSetAsideRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_SetAsideMessage__Output>): grpc.ClientUnaryCall;
  getSetAside(argument: _chester_v1_GetSetAsideRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_SetAsideMessage__Output>): grpc.ClientUnaryCall;
  getSetAside(argument: _chester_v1_GetSetAsideRequest, callback: grpc.requestCallback<_chester_v1_SetAsideMessage__Output>): grpc.ClientUnaryCall;
  
  ListAgents(argument: _chester_v1_ListAgentsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListAgentsResponse__Output>): grpc.ClientUnaryCall;
  ListAgents(argument: _chester_v1_ListAgentsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListAgentsResponse__Output>): grpc.ClientUnaryCall;
  ListAgents(argument: _chester_v1_ListAgentsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListAgentsResponse__Output>): grpc.ClientUnaryCall;
  ListAgents(argument: _chester_v1_ListAgentsRequest, callback: grpc.requestCallback<_chester_v1_ListAgentsResponse__Output>): grpc.ClientUnaryCall;
  listAgents(argument: _chester_v1_ListAgentsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListAgentsResponse__Output>): grpc.ClientUnaryCall;
  listAgents(argument: _chester_v1_ListAgentsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListAgentsResponse__Output>): grpc.ClientUnaryCall;
  listAgents(argument: _chester_v1_ListAgentsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListAgentsResponse__Output>): grpc.ClientUnaryCall;
  listAgents(argument: _chester_v1_ListAgentsRequest, callback: grpc.requestCallback<_chester_v1_ListAgentsResponse__Output>): grpc.ClientUnaryCall;
  
  ListAudit(argument: _chester_v1_ListAuditRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  ListAudit(argument: _chester_v1_ListAuditRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  ListAudit(argument: _chester_v1_ListAuditRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  ListAudit(argument: _chester_v1_ListAuditRequest, callback: grpc.requestCallback<_chester_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  listAudit(argument: _chester_v1_ListAuditRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  listAudit(argument: _chester_v1_ListAuditRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  listAudit(argument: _chester_v1_ListAuditRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  listAudit(argument: _chester_v1_ListAuditRequest, callback: grpc.requestCallback<_chester_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  
  ListCells(argument: _chester_v1_ListCellsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListCellsResponse__Output>): grpc.ClientUnaryCall;
  ListCells(argument: _chester_v1_ListCellsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListCellsResponse__Output>): grpc.ClientUnaryCall;
  ListCells(argument: _chester_v1_ListCellsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListCellsResponse__Output>): grpc.ClientUnaryCall;
  ListCells(argument: _chester_v1_ListCellsRequest, callback: grpc.requestCallback<_chester_v1_ListCellsResponse__Output>): grpc.ClientUnaryCall;
  listCells(argument: _chester_v1_ListCellsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListCellsResponse__Output>): grpc.ClientUnaryCall;
  listCells(argument: _chester_v1_ListCellsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListCellsResponse__Output>): grpc.ClientUnaryCall;
  listCells(argument: _chester_v1_ListCellsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListCellsResponse__Output>): grpc.ClientUnaryCall;
  listCells(argument: _chester_v1_ListCellsRequest, callback: grpc.requestCallback<_chester_v1_ListCellsResponse__Output>): grpc.ClientUnaryCall;
  
  ListFleets(argument: _chester_v1_ListFleetsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListFleetsResponse__Output>): grpc.ClientUnaryCall;
  ListFleets(argument: _chester_v1_ListFleetsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListFleetsResponse__Output>): grpc.ClientUnaryCall;
  ListFleets(argument: _chester_v1_ListFleetsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListFleetsResponse__Output>): grpc.ClientUnaryCall;
  ListFleets(argument: _chester_v1_ListFleetsRequest, callback: grpc.requestCallback<_chester_v1_ListFleetsResponse__Output>): grpc.ClientUnaryCall;
  listFleets(argument: _chester_v1_ListFleetsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListFleetsResponse__Output>): grpc.ClientUnaryCall;
  listFleets(argument: _chester_v1_ListFleetsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListFleetsResponse__Output>): grpc.ClientUnaryCall;
  listFleets(argument: _chester_v1_ListFleetsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListFleetsResponse__Output>): grpc.ClientUnaryCall;
  listFleets(argument: _chester_v1_ListFleetsRequest, callback: grpc.requestCallback<_chester_v1_ListFleetsResponse__Output>): grpc.ClientUnaryCall;
  
  ListGroups(argument: _chester_v1_ListGroupsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListGroupsResponse__Output>): grpc.ClientUnaryCall;
  ListGroups(argument: _chester_v1_ListGroupsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListGroupsResponse__Output>): grpc.ClientUnaryCall;
  ListGroups(argument: _chester_v1_ListGroupsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListGroupsResponse__Output>): grpc.ClientUnaryCall;
  ListGroups(argument: _chester_v1_ListGroupsRequest, callback: grpc.requestCallback<_chester_v1_ListGroupsResponse__Output>): grpc.ClientUnaryCall;
  listGroups(argument: _chester_v1_ListGroupsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListGroupsResponse__Output>): grpc.ClientUnaryCall;
  listGroups(argument: _chester_v1_ListGroupsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListGroupsResponse__Output>): grpc.ClientUnaryCall;
  listGroups(argument: _chester_v1_ListGroupsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListGroupsResponse__Output>): grpc.ClientUnaryCall;
  listGroups(argument: _chester_v1_ListGroupsRequest, callback: grpc.requestCallback<_chester_v1_ListGroupsResponse__Output>): grpc.ClientUnaryCall;
  
  ListHistory(argument: _chester_v1_ListHistoryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListHistoryResponse__Output>): grpc.ClientUnaryCall;
  ListHistory(argument: _chester_v1_ListHistoryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListHistoryResponse__Output>): grpc.ClientUnaryCall;
  ListHistory(argument: _chester_v1_ListHistoryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListHistoryResponse__Output>): grpc.ClientUnaryCall;
  ListHistory(argument: _chester_v1_ListHistoryRequest, callback: grpc.requestCallback<_chester_v1_ListHistoryResponse__Output>): grpc.ClientUnaryCall;
  listHistory(argument: _chester_v1_ListHistoryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListHistoryResponse__Output>): grpc.ClientUnaryCall;
  listHistory(argument: _chester_v1_ListHistoryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListHistoryResponse__Output>): grpc.ClientUnaryCall;
  listHistory(argument: _chester_v1_ListHistoryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListHistoryResponse__Output>): grpc.ClientUnaryCall;
  listHistory(argument: _chester_v1_ListHistoryRequest, callback: grpc.requestCallback<_chester_v1_ListHistoryResponse__Output>): grpc.ClientUnaryCall;
  
  ListIncidents(argument: _chester_v1_ListIncidentsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListIncidentsResponse__Output>): grpc.ClientUnaryCall;
  ListIncidents(argument: _chester_v1_ListIncidentsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListIncidentsResponse__Output>): grpc.ClientUnaryCall;
  ListIncidents(argument: _chester_v1_ListIncidentsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListIncidentsResponse__Output>): grpc.ClientUnaryCall;
  ListIncidents(argument: _chester_v1_ListIncidentsRequest, callback: grpc.requestCallback<_chester_v1_ListIncidentsResponse__Output>): grpc.ClientUnaryCall;
  listIncidents(argument: _chester_v1_ListIncidentsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListIncidentsResponse__Output>): grpc.ClientUnaryCall;
  listIncidents(argument: _chester_v1_ListIncidentsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListIncidentsResponse__Output>): grpc.ClientUnaryCall;
  listIncidents(argument: _chester_v1_ListIncidentsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListIncidentsResponse__Output>): grpc.ClientUnaryCall;
  listIncidents(argument: _chester_v1_ListIncidentsRequest, callback: grpc.requestCallback<_chester_v1_ListIncidentsResponse__Output>): grpc.ClientUnaryCall;
  
  ListLoad(argument: _chester_v1_ListLoadRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListLoadResponse__Output>): grpc.ClientUnaryCall;
  ListLoad(argument: _chester_v1_ListLoadRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListLoadResponse__Output>): grpc.ClientUnaryCall;
  ListLoad(argument: _chester_v1_ListLoadRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListLoadResponse__Output>): grpc.ClientUnaryCall;
  ListLoad(argument: _chester_v1_ListLoadRequest, callback: grpc.requestCallback<_chester_v1_ListLoadResponse__Output>): grpc.ClientUnaryCall;
  listLoad(argument: _chester_v1_ListLoadRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListLoadResponse__Output>): grpc.ClientUnaryCall;
  listLoad(argument: _chester_v1_ListLoadRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListLoadResponse__Output>): grpc.ClientUnaryCall;
  listLoad(argument: _chester_v1_ListLoadRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListLoadResponse__Output>): grpc.ClientUnaryCall;
  listLoad(argument: _chester_v1_ListLoadRequest, callback: grpc.requestCallback<_chester_v1_ListLoadResponse__Output>): grpc.ClientUnaryCall;
  
  ListQueryRules(argument: _chester_v1_ListQueryRulesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListQueryRulesResponse__Output>): grpc.ClientUnaryCall;
  ListQueryRules(argument: _chester_v1_ListQueryRulesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListQueryRulesResponse__Output>): grpc.ClientUnaryCall;
  ListQueryRules(argument: _chester_v1_ListQueryRulesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListQueryRulesResponse__Output>): grpc.ClientUnaryCall;
  ListQueryRules(argument: _chester_v1_ListQueryRulesRequest, callback: grpc.requestCallback<_chester_v1_ListQueryRulesResponse__Output>): grpc.ClientUnaryCall;
  listQueryRules(argument: _chester_v1_ListQueryRulesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListQueryRulesResponse__Output>): grpc.ClientUnaryCall;
  listQueryRules(argument: _chester_v1_ListQueryRulesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListQueryRulesResponse__Output>): grpc.ClientUnaryCall;
  listQueryRules(argument: _chester_v1_ListQueryRulesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListQueryRulesResponse__Output>): grpc.ClientUnaryCall;
  listQueryRules(argument: _chester_v1_ListQueryRulesRequest, callback: grpc.requestCallback<_chester_v1_ListQueryRulesResponse__Output>): grpc.ClientUnaryCall;
  
  ListSecrets(argument: _chester_v1_ListSecretsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  ListSecrets(argument: _chester_v1_ListSecretsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  ListSecrets(argument: _chester_v1_ListSecretsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  ListSecrets(argument: _chester_v1_ListSecretsRequest, callback: grpc.requestCallback<_chester_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  listSecrets(argument: _chester_v1_ListSecretsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  listSecrets(argument: _chester_v1_ListSecretsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  listSecrets(argument: _chester_v1_ListSecretsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  listSecrets(argument: _chester_v1_ListSecretsRequest, callback: grpc.requestCallback<_chester_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  
  ListServers(argument: _chester_v1_ListServersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListServersResponse__Output>): grpc.ClientUnaryCall;
  ListServers(argument: _chester_v1_ListServersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListServersResponse__Output>): grpc.ClientUnaryCall;
  ListServers(argument: _chester_v1_ListServersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListServersResponse__Output>): grpc.ClientUnaryCall;
  ListServers(argument: _chester_v1_ListServersRequest, callback: grpc.requestCallback<_chester_v1_ListServersResponse__Output>): grpc.ClientUnaryCall;
  listServers(argument: _chester_v1_ListServersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListServersResponse__Output>): grpc.ClientUnaryCall;
  listServers(argument: _chester_v1_ListServersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListServersResponse__Output>): grpc.ClientUnaryCall;
  listServers(argument: _chester_v1_ListServersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListServersResponse__Output>): grpc.ClientUnaryCall;
  listServers(argument: _chester_v1_ListServersRequest, callback: grpc.requestCallback<_chester_v1_ListServersResponse__Output>): grpc.ClientUnaryCall;
  
  ListSetAside(argument: _chester_v1_ListSetAsideRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListSetAsideResponse__Output>): grpc.ClientUnaryCall;
  ListSetAside(argument: _chester_v1_ListSetAsideRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListSetAsideResponse__Output>): grpc.ClientUnaryCall;
  ListSetAside(argument: _chester_v1_ListSetAsideRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListSetAsideResponse__Output>): grpc.ClientUnaryCall;
  ListSetAside(argument: _chester_v1_ListSetAsideRequest, callback: grpc.requestCallback<_chester_v1_ListSetAsideResponse__Output>): grpc.ClientUnaryCall;
  listSetAside(argument: _chester_v1_ListSetAsideRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListSetAsideResponse__Output>): grpc.ClientUnaryCall;
  listSetAside(argument: _chester_v1_ListSetAsideRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListSetAsideResponse__Output>): grpc.ClientUnaryCall;
  listSetAside(argument: _chester_v1_ListSetAsideRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListSetAsideResponse__Output>): grpc.ClientUnaryCall;
  listSetAside(argument: _chester_v1_ListSetAsideRequest, callback: grpc.requestCallback<_chester_v1_ListSetAsideResponse__Output>): grpc.ClientUnaryCall;
  
  ListUsers(argument: _chester_v1_ListUsersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  ListUsers(argument: _chester_v1_ListUsersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  ListUsers(argument: _chester_v1_ListUsersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  ListUsers(argument: _chester_v1_ListUsersRequest, callback: grpc.requestCallback<_chester_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  listUsers(argument: _chester_v1_ListUsersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  listUsers(argument: _chester_v1_ListUsersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  listUsers(argument: _chester_v1_ListUsersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  listUsers(argument: _chester_v1_ListUsersRequest, callback: grpc.requestCallback<_chester_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  
  Pause(argument: _chester_v1_PauseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Pause(argument: _chester_v1_PauseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Pause(argument: _chester_v1_PauseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Pause(argument: _chester_v1_PauseRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  pause(argument: _chester_v1_PauseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  pause(argument: _chester_v1_PauseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  pause(argument: _chester_v1_PauseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  pause(argument: _chester_v1_PauseRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  PlanGroups(argument: _chester_v1_PlanGroupsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_PlanGroupsResponse__Output>): grpc.ClientUnaryCall;
  PlanGroups(argument: _chester_v1_PlanGroupsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_PlanGroupsResponse__Output>): grpc.ClientUnaryCall;
  PlanGroups(argument: _chester_v1_PlanGroupsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_PlanGroupsResponse__Output>): grpc.ClientUnaryCall;
  PlanGroups(argument: _chester_v1_PlanGroupsRequest, callback: grpc.requestCallback<_chester_v1_PlanGroupsResponse__Output>): grpc.ClientUnaryCall;
  planGroups(argument: _chester_v1_PlanGroupsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_PlanGroupsResponse__Output>): grpc.ClientUnaryCall;
  planGroups(argument: _chester_v1_PlanGroupsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_PlanGroupsResponse__Output>): grpc.ClientUnaryCall;
  planGroups(argument: _chester_v1_PlanGroupsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_PlanGroupsResponse__Output>): grpc.ClientUnaryCall;
  planGroups(argument: _chester_v1_PlanGroupsRequest, callback: grpc.requestCallback<_chester_v1_PlanGroupsResponse__Output>): grpc.ClientUnaryCall;
  
  PutFleet(argument: _chester_v1_PutFleetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Fleet__Output>): grpc.ClientUnaryCall;
  PutFleet(argument: _chester_v1_PutFleetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Fleet__Output>): grpc.ClientUnaryCall;
  PutFleet(argument: _chester_v1_PutFleetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Fleet__Output>): grpc.ClientUnaryCall;
  PutFleet(argument: _chester_v1_PutFleetRequest, callback: grpc.requestCallback<_chester_v1_Fleet__Output>): grpc.ClientUnaryCall;
  putFleet(argument: _chester_v1_PutFleetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Fleet__Output>): grpc.ClientUnaryCall;
  putFleet(argument: _chester_v1_PutFleetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Fleet__Output>): grpc.ClientUnaryCall;
  putFleet(argument: _chester_v1_PutFleetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Fleet__Output>): grpc.ClientUnaryCall;
  putFleet(argument: _chester_v1_PutFleetRequest, callback: grpc.requestCallback<_chester_v1_Fleet__Output>): grpc.ClientUnaryCall;
  
  PutGroup(argument: _chester_v1_PutGroupRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  PutGroup(argument: _chester_v1_PutGroupRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  PutGroup(argument: _chester_v1_PutGroupRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  PutGroup(argument: _chester_v1_PutGroupRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putGroup(argument: _chester_v1_PutGroupRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putGroup(argument: _chester_v1_PutGroupRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putGroup(argument: _chester_v1_PutGroupRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putGroup(argument: _chester_v1_PutGroupRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  PutPolicy(argument: _chester_v1_PutPolicyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  PutPolicy(argument: _chester_v1_PutPolicyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  PutPolicy(argument: _chester_v1_PutPolicyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  PutPolicy(argument: _chester_v1_PutPolicyRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putPolicy(argument: _chester_v1_PutPolicyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putPolicy(argument: _chester_v1_PutPolicyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putPolicy(argument: _chester_v1_PutPolicyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putPolicy(argument: _chester_v1_PutPolicyRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  PutQueryRules(argument: _chester_v1_PutQueryRulesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  PutQueryRules(argument: _chester_v1_PutQueryRulesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  PutQueryRules(argument: _chester_v1_PutQueryRulesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  PutQueryRules(argument: _chester_v1_PutQueryRulesRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putQueryRules(argument: _chester_v1_PutQueryRulesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putQueryRules(argument: _chester_v1_PutQueryRulesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putQueryRules(argument: _chester_v1_PutQueryRulesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putQueryRules(argument: _chester_v1_PutQueryRulesRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  PutSecret(argument: _chester_v1_PutSecretRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_StoredSecret__Output>): grpc.ClientUnaryCall;
  PutSecret(argument: _chester_v1_PutSecretRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_StoredSecret__Output>): grpc.ClientUnaryCall;
  PutSecret(argument: _chester_v1_PutSecretRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_StoredSecret__Output>): grpc.ClientUnaryCall;
  PutSecret(argument: _chester_v1_PutSecretRequest, callback: grpc.requestCallback<_chester_v1_StoredSecret__Output>): grpc.ClientUnaryCall;
  putSecret(argument: _chester_v1_PutSecretRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_StoredSecret__Output>): grpc.ClientUnaryCall;
  putSecret(argument: _chester_v1_PutSecretRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_StoredSecret__Output>): grpc.ClientUnaryCall;
  putSecret(argument: _chester_v1_PutSecretRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_StoredSecret__Output>): grpc.ClientUnaryCall;
  putSecret(argument: _chester_v1_PutSecretRequest, callback: grpc.requestCallback<_chester_v1_StoredSecret__Output>): grpc.ClientUnaryCall;
  
  PutServer(argument: _chester_v1_PutServerRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  PutServer(argument: _chester_v1_PutServerRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  PutServer(argument: _chester_v1_PutServerRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  PutServer(argument: _chester_v1_PutServerRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putServer(argument: _chester_v1_PutServerRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putServer(argument: _chester_v1_PutServerRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putServer(argument: _chester_v1_PutServerRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putServer(argument: _chester_v1_PutServerRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  PutUser(argument: _chester_v1_PutUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  PutUser(argument: _chester_v1_PutUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  PutUser(argument: _chester_v1_PutUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  PutUser(argument: _chester_v1_PutUserRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putUser(argument: _chester_v1_PutUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putUser(argument: _chester_v1_PutUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putUser(argument: _chester_v1_PutUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  putUser(argument: _chester_v1_PutUserRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  Release(argument: _chester_v1_ReleaseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Release(argument: _chester_v1_ReleaseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Release(argument: _chester_v1_ReleaseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Release(argument: _chester_v1_ReleaseRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  release(argument: _chester_v1_ReleaseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  release(argument: _chester_v1_ReleaseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  release(argument: _chester_v1_ReleaseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  release(argument: _chester_v1_ReleaseRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  ReleaseScale(argument: _chester_v1_ReleaseScaleRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  ReleaseScale(argument: _chester_v1_ReleaseScaleRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  ReleaseScale(argument: _chester_v1_ReleaseScaleRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  ReleaseScale(argument: _chester_v1_ReleaseScaleRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  releaseScale(argument: _chester_v1_ReleaseScaleRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  releaseScale(argument: _chester_v1_ReleaseScaleRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  releaseScale(argument: _chester_v1_ReleaseScaleRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  releaseScale(argument: _chester_v1_ReleaseScaleRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  ReplaySetAside(argument: _chester_v1_ReplaySetAsideRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ReplaySetAsideResponse__Output>): grpc.ClientUnaryCall;
  ReplaySetAside(argument: _chester_v1_ReplaySetAsideRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ReplaySetAsideResponse__Output>): grpc.ClientUnaryCall;
  ReplaySetAside(argument: _chester_v1_ReplaySetAsideRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ReplaySetAsideResponse__Output>): grpc.ClientUnaryCall;
  ReplaySetAside(argument: _chester_v1_ReplaySetAsideRequest, callback: grpc.requestCallback<_chester_v1_ReplaySetAsideResponse__Output>): grpc.ClientUnaryCall;
  replaySetAside(argument: _chester_v1_ReplaySetAsideRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ReplaySetAsideResponse__Output>): grpc.ClientUnaryCall;
  replaySetAside(argument: _chester_v1_ReplaySetAsideRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ReplaySetAsideResponse__Output>): grpc.ClientUnaryCall;
  replaySetAside(argument: _chester_v1_ReplaySetAsideRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ReplaySetAsideResponse__Output>): grpc.ClientUnaryCall;
  replaySetAside(argument: _chester_v1_ReplaySetAsideRequest, callback: grpc.requestCallback<_chester_v1_ReplaySetAsideResponse__Output>): grpc.ClientUnaryCall;
  
  Resume(argument: _chester_v1_ResumeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Resume(argument: _chester_v1_ResumeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Resume(argument: _chester_v1_ResumeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Resume(argument: _chester_v1_ResumeRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  resume(argument: _chester_v1_ResumeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  resume(argument: _chester_v1_ResumeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  resume(argument: _chester_v1_ResumeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  resume(argument: _chester_v1_ResumeRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  Resync(argument: _chester_v1_ResyncRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ResyncResponse__Output>): grpc.ClientUnaryCall;
  Resync(argument: _chester_v1_ResyncRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ResyncResponse__Output>): grpc.ClientUnaryCall;
  Resync(argument: _chester_v1_ResyncRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ResyncResponse__Output>): grpc.ClientUnaryCall;
  Resync(argument: _chester_v1_ResyncRequest, callback: grpc.requestCallback<_chester_v1_ResyncResponse__Output>): grpc.ClientUnaryCall;
  resync(argument: _chester_v1_ResyncRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ResyncResponse__Output>): grpc.ClientUnaryCall;
  resync(argument: _chester_v1_ResyncRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ResyncResponse__Output>): grpc.ClientUnaryCall;
  resync(argument: _chester_v1_ResyncRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ResyncResponse__Output>): grpc.ClientUnaryCall;
  resync(argument: _chester_v1_ResyncRequest, callback: grpc.requestCallback<_chester_v1_ResyncResponse__Output>): grpc.ClientUnaryCall;
  
  RetireCell(argument: _chester_v1_RetireCellRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListCellsResponse__Output>): grpc.ClientUnaryCall;
  RetireCell(argument: _chester_v1_RetireCellRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListCellsResponse__Output>): grpc.ClientUnaryCall;
  RetireCell(argument: _chester_v1_RetireCellRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListCellsResponse__Output>): grpc.ClientUnaryCall;
  RetireCell(argument: _chester_v1_RetireCellRequest, callback: grpc.requestCallback<_chester_v1_ListCellsResponse__Output>): grpc.ClientUnaryCall;
  retireCell(argument: _chester_v1_RetireCellRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListCellsResponse__Output>): grpc.ClientUnaryCall;
  retireCell(argument: _chester_v1_RetireCellRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_ListCellsResponse__Output>): grpc.ClientUnaryCall;
  retireCell(argument: _chester_v1_RetireCellRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_ListCellsResponse__Output>): grpc.ClientUnaryCall;
  retireCell(argument: _chester_v1_RetireCellRequest, callback: grpc.requestCallback<_chester_v1_ListCellsResponse__Output>): grpc.ClientUnaryCall;
  
  Rollback(argument: _chester_v1_RollbackRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Rollback(argument: _chester_v1_RollbackRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Rollback(argument: _chester_v1_RollbackRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Rollback(argument: _chester_v1_RollbackRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  rollback(argument: _chester_v1_RollbackRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  rollback(argument: _chester_v1_RollbackRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  rollback(argument: _chester_v1_RollbackRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  rollback(argument: _chester_v1_RollbackRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  RotateSecretKey(argument: _chester_v1_RotateSecretKeyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_RotateSecretKeyResponse__Output>): grpc.ClientUnaryCall;
  RotateSecretKey(argument: _chester_v1_RotateSecretKeyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_RotateSecretKeyResponse__Output>): grpc.ClientUnaryCall;
  RotateSecretKey(argument: _chester_v1_RotateSecretKeyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_RotateSecretKeyResponse__Output>): grpc.ClientUnaryCall;
  RotateSecretKey(argument: _chester_v1_RotateSecretKeyRequest, callback: grpc.requestCallback<_chester_v1_RotateSecretKeyResponse__Output>): grpc.ClientUnaryCall;
  rotateSecretKey(argument: _chester_v1_RotateSecretKeyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_RotateSecretKeyResponse__Output>): grpc.ClientUnaryCall;
  rotateSecretKey(argument: _chester_v1_RotateSecretKeyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_RotateSecretKeyResponse__Output>): grpc.ClientUnaryCall;
  rotateSecretKey(argument: _chester_v1_RotateSecretKeyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_RotateSecretKeyResponse__Output>): grpc.ClientUnaryCall;
  rotateSecretKey(argument: _chester_v1_RotateSecretKeyRequest, callback: grpc.requestCallback<_chester_v1_RotateSecretKeyResponse__Output>): grpc.ClientUnaryCall;
  
  Scale(argument: _chester_v1_ScaleRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Scale(argument: _chester_v1_ScaleRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Scale(argument: _chester_v1_ScaleRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Scale(argument: _chester_v1_ScaleRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  scale(argument: _chester_v1_ScaleRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  scale(argument: _chester_v1_ScaleRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  scale(argument: _chester_v1_ScaleRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  scale(argument: _chester_v1_ScaleRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  Uncordon(argument: _chester_v1_UncordonRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Uncordon(argument: _chester_v1_UncordonRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Uncordon(argument: _chester_v1_UncordonRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  Uncordon(argument: _chester_v1_UncordonRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  uncordon(argument: _chester_v1_UncordonRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  uncordon(argument: _chester_v1_UncordonRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  uncordon(argument: _chester_v1_UncordonRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  uncordon(argument: _chester_v1_UncordonRequest, callback: grpc.requestCallback<_chester_v1_Group__Output>): grpc.ClientUnaryCall;
  
  WatchEvents(argument: _chester_v1_WatchEventsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_chester_v1_Event__Output>;
  WatchEvents(argument: _chester_v1_WatchEventsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_chester_v1_Event__Output>;
  watchEvents(argument: _chester_v1_WatchEventsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_chester_v1_Event__Output>;
  watchEvents(argument: _chester_v1_WatchEventsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_chester_v1_Event__Output>;
  
}

export interface AdminServiceHandlers extends grpc.UntypedServiceImplementation {
  AcceptPrimary: grpc.handleUnaryCall<_chester_v1_AcceptPrimaryRequest__Output, _chester_v1_Group>;
  
  AddQueryRule: grpc.handleUnaryCall<_chester_v1_AddQueryRuleRequest__Output, _chester_v1_Group>;
  
  Adopt: grpc.handleUnaryCall<_chester_v1_AdoptRequest__Output, _chester_v1_Group>;
  
  ApplyGroups: grpc.handleUnaryCall<_chester_v1_ApplyGroupsRequest__Output, _chester_v1_ApplyGroupsResponse>;
  
  CancelDrain: grpc.handleUnaryCall<_chester_v1_CancelDrainRequest__Output, _chester_v1_Group>;
  
  CloseIncident: grpc.handleUnaryCall<_chester_v1_CloseIncidentRequest__Output, _chester_v1_CloseIncidentResponse>;
  
  Cordon: grpc.handleUnaryCall<_chester_v1_CordonRequest__Output, _chester_v1_Group>;
  
  CreateGroup: grpc.handleUnaryCall<_chester_v1_CreateGroupRequest__Output, _chester_v1_Group>;
  
  DeleteFleet: grpc.handleUnaryCall<_chester_v1_DeleteFleetRequest__Output, _chester_v1_DeleteFleetResponse>;
  
  DeleteGroup: grpc.handleUnaryCall<_chester_v1_DeleteGroupRequest__Output, _chester_v1_DeleteGroupResponse>;
  
  DeleteQueryRule: grpc.handleUnaryCall<_chester_v1_DeleteQueryRuleRequest__Output, _chester_v1_Group>;
  
  DeleteSecret: grpc.handleUnaryCall<_chester_v1_DeleteSecretRequest__Output, _chester_v1_DeleteSecretResponse>;
  
  DeleteServer: grpc.handleUnaryCall<_chester_v1_DeleteServerRequest__Output, _chester_v1_Group>;
  
  DeleteUser: grpc.handleUnaryCall<_chester_v1_DeleteUserRequest__Output, _chester_v1_Group>;
  
  Diagnose: grpc.handleUnaryCall<_chester_v1_DiagnoseRequest__Output, _chester_v1_DiagnoseResponse>;
  
  DiffSnapshots: grpc.handleUnaryCall<_chester_v1_DiffSnapshotsRequest__Output, _chester_v1_DiffSnapshotsResponse>;
  
  Drain: grpc.handleUnaryCall<_chester_v1_DrainRequest__Output, _chester_v1_Group>;
  
  Explain: grpc.handleUnaryCall<_chester_v1_ExplainRequest__Output, _chester_v1_ExplainResponse>;
  
  ForgetAgent: grpc.handleUnaryCall<_chester_v1_ForgetAgentRequest__Output, _chester_v1_ForgetAgentResponse>;
  
  GetAgent: grpc.handleUnaryCall<_chester_v1_GetAgentRequest__Output, _chester_v1_Agent>;
  
  GetFleet: grpc.handleUnaryCall<_chester_v1_GetFleetRequest__Output, _chester_v1_Fleet>;
  
  GetGroup: grpc.handleUnaryCall<_chester_v1_GetGroupRequest__Output, _chester_v1_Group>;
  
  GetIncident: grpc.handleUnaryCall<_chester_v1_GetIncidentRequest__Output, _chester_v1_Incident>;
  
  GetPolicy: grpc.handleUnaryCall<_chester_v1_GetPolicyRequest__Output, _chester_v1_Policy>;
  
  GetSetAside: grpc.handleUnaryCall<_chester_v1_GetSetAsideRequest__Output, _chester_v1_SetAsideMessage>;
  
  ListAgents: grpc.handleUnaryCall<_chester_v1_ListAgentsRequest__Output, _chester_v1_ListAgentsResponse>;
  
  ListAudit: grpc.handleUnaryCall<_chester_v1_ListAuditRequest__Output, _chester_v1_ListAuditResponse>;
  
  ListCells: grpc.handleUnaryCall<_chester_v1_ListCellsRequest__Output, _chester_v1_ListCellsResponse>;
  
  ListFleets: grpc.handleUnaryCall<_chester_v1_ListFleetsRequest__Output, _chester_v1_ListFleetsResponse>;
  
  ListGroups: grpc.handleUnaryCall<_chester_v1_ListGroupsRequest__Output, _chester_v1_ListGroupsResponse>;
  
  ListHistory: grpc.handleUnaryCall<_chester_v1_ListHistoryRequest__Output, _chester_v1_ListHistoryResponse>;
  
  ListIncidents: grpc.handleUnaryCall<_chester_v1_ListIncidentsRequest__Output, _chester_v1_ListIncidentsResponse>;
  
  ListLoad: grpc.handleUnaryCall<_chester_v1_ListLoadRequest__Output, _chester_v1_ListLoadResponse>;
  
  ListQueryRules: grpc.handleUnaryCall<_chester_v1_ListQueryRulesRequest__Output, _chester_v1_ListQueryRulesResponse>;
  
  ListSecrets: grpc.handleUnaryCall<_chester_v1_ListSecretsRequest__Output, _chester_v1_ListSecretsResponse>;
  
  ListServers: grpc.handleUnaryCall<_chester_v1_ListServersRequest__Output, _chester_v1_ListServersResponse>;
  
  ListSetAside: grpc.handleUnaryCall<_chester_v1_ListSetAsideRequest__Output, _chester_v1_ListSetAsideResponse>;
  
  ListUsers: grpc.handleUnaryCall<_chester_v1_ListUsersRequest__Output, _chester_v1_ListUsersResponse>;
  
  Pause: grpc.handleUnaryCall<_chester_v1_PauseRequest__Output, _chester_v1_Group>;
  
  PlanGroups: grpc.handleUnaryCall<_chester_v1_PlanGroupsRequest__Output, _chester_v1_PlanGroupsResponse>;
  
  PutFleet: grpc.handleUnaryCall<_chester_v1_PutFleetRequest__Output, _chester_v1_Fleet>;
  
  PutGroup: grpc.handleUnaryCall<_chester_v1_PutGroupRequest__Output, _chester_v1_Group>;
  
  PutPolicy: grpc.handleUnaryCall<_chester_v1_PutPolicyRequest__Output, _chester_v1_Group>;
  
  PutQueryRules: grpc.handleUnaryCall<_chester_v1_PutQueryRulesRequest__Output, _chester_v1_Group>;
  
  PutSecret: grpc.handleUnaryCall<_chester_v1_PutSecretRequest__Output, _chester_v1_StoredSecret>;
  
  PutServer: grpc.handleUnaryCall<_chester_v1_PutServerRequest__Output, _chester_v1_Group>;
  
  PutUser: grpc.handleUnaryCall<_chester_v1_PutUserRequest__Output, _chester_v1_Group>;
  
  Release: grpc.handleUnaryCall<_chester_v1_ReleaseRequest__Output, _chester_v1_Group>;
  
  ReleaseScale: grpc.handleUnaryCall<_chester_v1_ReleaseScaleRequest__Output, _chester_v1_Group>;
  
  ReplaySetAside: grpc.handleUnaryCall<_chester_v1_ReplaySetAsideRequest__Output, _chester_v1_ReplaySetAsideResponse>;
  
  Resume: grpc.handleUnaryCall<_chester_v1_ResumeRequest__Output, _chester_v1_Group>;
  
  Resync: grpc.handleUnaryCall<_chester_v1_ResyncRequest__Output, _chester_v1_ResyncResponse>;
  
  RetireCell: grpc.handleUnaryCall<_chester_v1_RetireCellRequest__Output, _chester_v1_ListCellsResponse>;
  
  Rollback: grpc.handleUnaryCall<_chester_v1_RollbackRequest__Output, _chester_v1_Group>;
  
  RotateSecretKey: grpc.handleUnaryCall<_chester_v1_RotateSecretKeyRequest__Output, _chester_v1_RotateSecretKeyResponse>;
  
  Scale: grpc.handleUnaryCall<_chester_v1_ScaleRequest__Output, _chester_v1_Group>;
  
  Uncordon: grpc.handleUnaryCall<_chester_v1_UncordonRequest__Output, _chester_v1_Group>;
  
  WatchEvents: grpc.handleServerStreamingCall<_chester_v1_WatchEventsRequest__Output, _chester_v1_Event>;
  
}

export interface AdminServiceDefinition extends grpc.ServiceDefinition {
  AcceptPrimary: MethodDefinition<_chester_v1_AcceptPrimaryRequest, _chester_v1_Group, _chester_v1_AcceptPrimaryRequest__Output, _chester_v1_Group__Output>
  AddQueryRule: MethodDefinition<_chester_v1_AddQueryRuleRequest, _chester_v1_Group, _chester_v1_AddQueryRuleRequest__Output, _chester_v1_Group__Output>
  Adopt: MethodDefinition<_chester_v1_AdoptRequest, _chester_v1_Group, _chester_v1_AdoptRequest__Output, _chester_v1_Group__Output>
  ApplyGroups: MethodDefinition<_chester_v1_ApplyGroupsRequest, _chester_v1_ApplyGroupsResponse, _chester_v1_ApplyGroupsRequest__Output, _chester_v1_ApplyGroupsResponse__Output>
  CancelDrain: MethodDefinition<_chester_v1_CancelDrainRequest, _chester_v1_Group, _chester_v1_CancelDrainRequest__Output, _chester_v1_Group__Output>
  CloseIncident: MethodDefinition<_chester_v1_CloseIncidentRequest, _chester_v1_CloseIncidentResponse, _chester_v1_CloseIncidentRequest__Output, _chester_v1_CloseIncidentResponse__Output>
  Cordon: MethodDefinition<_chester_v1_CordonRequest, _chester_v1_Group, _chester_v1_CordonRequest__Output, _chester_v1_Group__Output>
  CreateGroup: MethodDefinition<_chester_v1_CreateGroupRequest, _chester_v1_Group, _chester_v1_CreateGroupRequest__Output, _chester_v1_Group__Output>
  DeleteFleet: MethodDefinition<_chester_v1_DeleteFleetRequest, _chester_v1_DeleteFleetResponse, _chester_v1_DeleteFleetRequest__Output, _chester_v1_DeleteFleetResponse__Output>
  DeleteGroup: MethodDefinition<_chester_v1_DeleteGroupRequest, _chester_v1_DeleteGroupResponse, _chester_v1_DeleteGroupRequest__Output, _chester_v1_DeleteGroupResponse__Output>
  DeleteQueryRule: MethodDefinition<_chester_v1_DeleteQueryRuleRequest, _chester_v1_Group, _chester_v1_DeleteQueryRuleRequest__Output, _chester_v1_Group__Output>
  DeleteSecret: MethodDefinition<_chester_v1_DeleteSecretRequest, _chester_v1_DeleteSecretResponse, _chester_v1_DeleteSecretRequest__Output, _chester_v1_DeleteSecretResponse__Output>
  DeleteServer: MethodDefinition<_chester_v1_DeleteServerRequest, _chester_v1_Group, _chester_v1_DeleteServerRequest__Output, _chester_v1_Group__Output>
  DeleteUser: MethodDefinition<_chester_v1_DeleteUserRequest, _chester_v1_Group, _chester_v1_DeleteUserRequest__Output, _chester_v1_Group__Output>
  Diagnose: MethodDefinition<_chester_v1_DiagnoseRequest, _chester_v1_DiagnoseResponse, _chester_v1_DiagnoseRequest__Output, _chester_v1_DiagnoseResponse__Output>
  DiffSnapshots: MethodDefinition<_chester_v1_DiffSnapshotsRequest, _chester_v1_DiffSnapshotsResponse, _chester_v1_DiffSnapshotsRequest__Output, _chester_v1_DiffSnapshotsResponse__Output>
  Drain: MethodDefinition<_chester_v1_DrainRequest, _chester_v1_Group, _chester_v1_DrainRequest__Output, _chester_v1_Group__Output>
  Explain: MethodDefinition<_chester_v1_ExplainRequest, _chester_v1_ExplainResponse, _chester_v1_ExplainRequest__Output, _chester_v1_ExplainResponse__Output>
  ForgetAgent: MethodDefinition<_chester_v1_ForgetAgentRequest, _chester_v1_ForgetAgentResponse, _chester_v1_ForgetAgentRequest__Output, _chester_v1_ForgetAgentResponse__Output>
  GetAgent: MethodDefinition<_chester_v1_GetAgentRequest, _chester_v1_Agent, _chester_v1_GetAgentRequest__Output, _chester_v1_Agent__Output>
  GetFleet: MethodDefinition<_chester_v1_GetFleetRequest, _chester_v1_Fleet, _chester_v1_GetFleetRequest__Output, _chester_v1_Fleet__Output>
  GetGroup: MethodDefinition<_chester_v1_GetGroupRequest, _chester_v1_Group, _chester_v1_GetGroupRequest__Output, _chester_v1_Group__Output>
  GetIncident: MethodDefinition<_chester_v1_GetIncidentRequest, _chester_v1_Incident, _chester_v1_GetIncidentRequest__Output, _chester_v1_Incident__Output>
  GetPolicy: MethodDefinition<_chester_v1_GetPolicyRequest, _chester_v1_Policy, _chester_v1_GetPolicyRequest__Output, _chester_v1_Policy__Output>
  GetSetAside: MethodDefinition<_chester_v1_GetSetAsideRequest, _chester_v1_SetAsideMessage, _chester_v1_GetSetAsideRequest__Output, _chester_v1_SetAsideMessage__Output>
  ListAgents: MethodDefinition<_chester_v1_ListAgentsRequest, _chester_v1_ListAgentsResponse, _chester_v1_ListAgentsRequest__Output, _chester_v1_ListAgentsResponse__Output>
  ListAudit: MethodDefinition<_chester_v1_ListAuditRequest, _chester_v1_ListAuditResponse, _chester_v1_ListAuditRequest__Output, _chester_v1_ListAuditResponse__Output>
  ListCells: MethodDefinition<_chester_v1_ListCellsRequest, _chester_v1_ListCellsResponse, _chester_v1_ListCellsRequest__Output, _chester_v1_ListCellsResponse__Output>
  ListFleets: MethodDefinition<_chester_v1_ListFleetsRequest, _chester_v1_ListFleetsResponse, _chester_v1_ListFleetsRequest__Output, _chester_v1_ListFleetsResponse__Output>
  ListGroups: MethodDefinition<_chester_v1_ListGroupsRequest, _chester_v1_ListGroupsResponse, _chester_v1_ListGroupsRequest__Output, _chester_v1_ListGroupsResponse__Output>
  ListHistory: MethodDefinition<_chester_v1_ListHistoryRequest, _chester_v1_ListHistoryResponse, _chester_v1_ListHistoryRequest__Output, _chester_v1_ListHistoryResponse__Output>
  ListIncidents: MethodDefinition<_chester_v1_ListIncidentsRequest, _chester_v1_ListIncidentsResponse, _chester_v1_ListIncidentsRequest__Output, _chester_v1_ListIncidentsResponse__Output>
  ListLoad: MethodDefinition<_chester_v1_ListLoadRequest, _chester_v1_ListLoadResponse, _chester_v1_ListLoadRequest__Output, _chester_v1_ListLoadResponse__Output>
  ListQueryRules: MethodDefinition<_chester_v1_ListQueryRulesRequest, _chester_v1_ListQueryRulesResponse, _chester_v1_ListQueryRulesRequest__Output, _chester_v1_ListQueryRulesResponse__Output>
  ListSecrets: MethodDefinition<_chester_v1_ListSecretsRequest, _chester_v1_ListSecretsResponse, _chester_v1_ListSecretsRequest__Output, _chester_v1_ListSecretsResponse__Output>
  ListServers: MethodDefinition<_chester_v1_ListServersRequest, _chester_v1_ListServersResponse, _chester_v1_ListServersRequest__Output, _chester_v1_ListServersResponse__Output>
  ListSetAside: MethodDefinition<_chester_v1_ListSetAsideRequest, _chester_v1_ListSetAsideResponse, _chester_v1_ListSetAsideRequest__Output, _chester_v1_ListSetAsideResponse__Output>
  ListUsers: MethodDefinition<_chester_v1_ListUsersRequest, _chester_v1_ListUsersResponse, _chester_v1_ListUsersRequest__Output, _chester_v1_ListUsersResponse__Output>
  Pause: MethodDefinition<_chester_v1_PauseRequest, _chester_v1_Group, _chester_v1_PauseRequest__Output, _chester_v1_Group__Output>
  PlanGroups: MethodDefinition<_chester_v1_PlanGroupsRequest, _chester_v1_PlanGroupsResponse, _chester_v1_PlanGroupsRequest__Output, _chester_v1_PlanGroupsResponse__Output>
  PutFleet: MethodDefinition<_chester_v1_PutFleetRequest, _chester_v1_Fleet, _chester_v1_PutFleetRequest__Output, _chester_v1_Fleet__Output>
  PutGroup: MethodDefinition<_chester_v1_PutGroupRequest, _chester_v1_Group, _chester_v1_PutGroupRequest__Output, _chester_v1_Group__Output>
  PutPolicy: MethodDefinition<_chester_v1_PutPolicyRequest, _chester_v1_Group, _chester_v1_PutPolicyRequest__Output, _chester_v1_Group__Output>
  PutQueryRules: MethodDefinition<_chester_v1_PutQueryRulesRequest, _chester_v1_Group, _chester_v1_PutQueryRulesRequest__Output, _chester_v1_Group__Output>
  PutSecret: MethodDefinition<_chester_v1_PutSecretRequest, _chester_v1_StoredSecret, _chester_v1_PutSecretRequest__Output, _chester_v1_StoredSecret__Output>
  PutServer: MethodDefinition<_chester_v1_PutServerRequest, _chester_v1_Group, _chester_v1_PutServerRequest__Output, _chester_v1_Group__Output>
  PutUser: MethodDefinition<_chester_v1_PutUserRequest, _chester_v1_Group, _chester_v1_PutUserRequest__Output, _chester_v1_Group__Output>
  Release: MethodDefinition<_chester_v1_ReleaseRequest, _chester_v1_Group, _chester_v1_ReleaseRequest__Output, _chester_v1_Group__Output>
  ReleaseScale: MethodDefinition<_chester_v1_ReleaseScaleRequest, _chester_v1_Group, _chester_v1_ReleaseScaleRequest__Output, _chester_v1_Group__Output>
  ReplaySetAside: MethodDefinition<_chester_v1_ReplaySetAsideRequest, _chester_v1_ReplaySetAsideResponse, _chester_v1_ReplaySetAsideRequest__Output, _chester_v1_ReplaySetAsideResponse__Output>
  Resume: MethodDefinition<_chester_v1_ResumeRequest, _chester_v1_Group, _chester_v1_ResumeRequest__Output, _chester_v1_Group__Output>
  Resync: MethodDefinition<_chester_v1_ResyncRequest, _chester_v1_ResyncResponse, _chester_v1_ResyncRequest__Output, _chester_v1_ResyncResponse__Output>
  RetireCell: MethodDefinition<_chester_v1_RetireCellRequest, _chester_v1_ListCellsResponse, _chester_v1_RetireCellRequest__Output, _chester_v1_ListCellsResponse__Output>
  Rollback: MethodDefinition<_chester_v1_RollbackRequest, _chester_v1_Group, _chester_v1_RollbackRequest__Output, _chester_v1_Group__Output>
  RotateSecretKey: MethodDefinition<_chester_v1_RotateSecretKeyRequest, _chester_v1_RotateSecretKeyResponse, _chester_v1_RotateSecretKeyRequest__Output, _chester_v1_RotateSecretKeyResponse__Output>
  Scale: MethodDefinition<_chester_v1_ScaleRequest, _chester_v1_Group, _chester_v1_ScaleRequest__Output, _chester_v1_Group__Output>
  Uncordon: MethodDefinition<_chester_v1_UncordonRequest, _chester_v1_Group, _chester_v1_UncordonRequest__Output, _chester_v1_Group__Output>
  WatchEvents: MethodDefinition<_chester_v1_WatchEventsRequest, _chester_v1_Event, _chester_v1_WatchEventsRequest__Output, _chester_v1_Event__Output>
}
