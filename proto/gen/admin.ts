import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { AbsentServer as _chester_v1_AbsentServer, AbsentServer__Output as _chester_v1_AbsentServer__Output } from './chester/v1/AbsentServer.ts';
import type { AcceptPrimaryRequest as _chester_v1_AcceptPrimaryRequest, AcceptPrimaryRequest__Output as _chester_v1_AcceptPrimaryRequest__Output } from './chester/v1/AcceptPrimaryRequest.ts';
import type { Ack as _chester_v1_Ack, Ack__Output as _chester_v1_Ack__Output } from './chester/v1/Ack.ts';
import type { AckError as _chester_v1_AckError, AckError__Output as _chester_v1_AckError__Output } from './chester/v1/AckError.ts';
import type { AddQueryRuleRequest as _chester_v1_AddQueryRuleRequest, AddQueryRuleRequest__Output as _chester_v1_AddQueryRuleRequest__Output } from './chester/v1/AddQueryRuleRequest.ts';
import type { Address as _chester_v1_Address, Address__Output as _chester_v1_Address__Output } from './chester/v1/Address.ts';
import type { AdminServiceClient as _chester_v1_AdminServiceClient, AdminServiceDefinition as _chester_v1_AdminServiceDefinition } from './chester/v1/AdminService.ts';
import type { AdoptRequest as _chester_v1_AdoptRequest, AdoptRequest__Output as _chester_v1_AdoptRequest__Output } from './chester/v1/AdoptRequest.ts';
import type { Agent as _chester_v1_Agent, Agent__Output as _chester_v1_Agent__Output } from './chester/v1/Agent.ts';
import type { AgentGroup as _chester_v1_AgentGroup, AgentGroup__Output as _chester_v1_AgentGroup__Output } from './chester/v1/AgentGroup.ts';
import type { AgentMessage as _chester_v1_AgentMessage, AgentMessage__Output as _chester_v1_AgentMessage__Output } from './chester/v1/AgentMessage.ts';
import type { AgentNotice as _chester_v1_AgentNotice, AgentNotice__Output as _chester_v1_AgentNotice__Output } from './chester/v1/AgentNotice.ts';
import type { AgentServiceClient as _chester_v1_AgentServiceClient, AgentServiceDefinition as _chester_v1_AgentServiceDefinition } from './chester/v1/AgentService.ts';
import type { AgentsSpec as _chester_v1_AgentsSpec, AgentsSpec__Output as _chester_v1_AgentsSpec__Output } from './chester/v1/AgentsSpec.ts';
import type { AppliedGroup as _chester_v1_AppliedGroup, AppliedGroup__Output as _chester_v1_AppliedGroup__Output } from './chester/v1/AppliedGroup.ts';
import type { ApplyGroupsRequest as _chester_v1_ApplyGroupsRequest, ApplyGroupsRequest__Output as _chester_v1_ApplyGroupsRequest__Output } from './chester/v1/ApplyGroupsRequest.ts';
import type { ApplyGroupsResponse as _chester_v1_ApplyGroupsResponse, ApplyGroupsResponse__Output as _chester_v1_ApplyGroupsResponse__Output } from './chester/v1/ApplyGroupsResponse.ts';
import type { AuditEntry as _chester_v1_AuditEntry, AuditEntry__Output as _chester_v1_AuditEntry__Output } from './chester/v1/AuditEntry.ts';
import type { Bookmark as _chester_v1_Bookmark, Bookmark__Output as _chester_v1_Bookmark__Output } from './chester/v1/Bookmark.ts';
import type { CancelDrainRequest as _chester_v1_CancelDrainRequest, CancelDrainRequest__Output as _chester_v1_CancelDrainRequest__Output } from './chester/v1/CancelDrainRequest.ts';
import type { Cell as _chester_v1_Cell, Cell__Output as _chester_v1_Cell__Output } from './chester/v1/Cell.ts';
import type { Certificate as _chester_v1_Certificate, Certificate__Output as _chester_v1_Certificate__Output } from './chester/v1/Certificate.ts';
import type { Check as _chester_v1_Check, Check__Output as _chester_v1_Check__Output } from './chester/v1/Check.ts';
import type { ClientCertificate as _chester_v1_ClientCertificate, ClientCertificate__Output as _chester_v1_ClientCertificate__Output } from './chester/v1/ClientCertificate.ts';
import type { CloseIncidentRequest as _chester_v1_CloseIncidentRequest, CloseIncidentRequest__Output as _chester_v1_CloseIncidentRequest__Output } from './chester/v1/CloseIncidentRequest.ts';
import type { CloseIncidentResponse as _chester_v1_CloseIncidentResponse, CloseIncidentResponse__Output as _chester_v1_CloseIncidentResponse__Output } from './chester/v1/CloseIncidentResponse.ts';
import type { CloudPlan as _chester_v1_CloudPlan, CloudPlan__Output as _chester_v1_CloudPlan__Output } from './chester/v1/CloudPlan.ts';
import type { Column as _chester_v1_Column, Column__Output as _chester_v1_Column__Output } from './chester/v1/Column.ts';
import type { ConnectionBudget as _chester_v1_ConnectionBudget, ConnectionBudget__Output as _chester_v1_ConnectionBudget__Output } from './chester/v1/ConnectionBudget.ts';
import type { Coordinator as _chester_v1_Coordinator, Coordinator__Output as _chester_v1_Coordinator__Output } from './chester/v1/Coordinator.ts';
import type { CoordinatorMessage as _chester_v1_CoordinatorMessage, CoordinatorMessage__Output as _chester_v1_CoordinatorMessage__Output } from './chester/v1/CoordinatorMessage.ts';
import type { CordonRequest as _chester_v1_CordonRequest, CordonRequest__Output as _chester_v1_CordonRequest__Output } from './chester/v1/CordonRequest.ts';
import type { CordonedServer as _chester_v1_CordonedServer, CordonedServer__Output as _chester_v1_CordonedServer__Output } from './chester/v1/CordonedServer.ts';
import type { CreateGroupRequest as _chester_v1_CreateGroupRequest, CreateGroupRequest__Output as _chester_v1_CreateGroupRequest__Output } from './chester/v1/CreateGroupRequest.ts';
import type { Deadlines as _chester_v1_Deadlines, Deadlines__Output as _chester_v1_Deadlines__Output } from './chester/v1/Deadlines.ts';
import type { DeleteFleetRequest as _chester_v1_DeleteFleetRequest, DeleteFleetRequest__Output as _chester_v1_DeleteFleetRequest__Output } from './chester/v1/DeleteFleetRequest.ts';
import type { DeleteFleetResponse as _chester_v1_DeleteFleetResponse, DeleteFleetResponse__Output as _chester_v1_DeleteFleetResponse__Output } from './chester/v1/DeleteFleetResponse.ts';
import type { DeleteGroupRequest as _chester_v1_DeleteGroupRequest, DeleteGroupRequest__Output as _chester_v1_DeleteGroupRequest__Output } from './chester/v1/DeleteGroupRequest.ts';
import type { DeleteGroupResponse as _chester_v1_DeleteGroupResponse, DeleteGroupResponse__Output as _chester_v1_DeleteGroupResponse__Output } from './chester/v1/DeleteGroupResponse.ts';
import type { DeleteQueryRuleRequest as _chester_v1_DeleteQueryRuleRequest, DeleteQueryRuleRequest__Output as _chester_v1_DeleteQueryRuleRequest__Output } from './chester/v1/DeleteQueryRuleRequest.ts';
import type { DeleteSecretRequest as _chester_v1_DeleteSecretRequest, DeleteSecretRequest__Output as _chester_v1_DeleteSecretRequest__Output } from './chester/v1/DeleteSecretRequest.ts';
import type { DeleteSecretResponse as _chester_v1_DeleteSecretResponse, DeleteSecretResponse__Output as _chester_v1_DeleteSecretResponse__Output } from './chester/v1/DeleteSecretResponse.ts';
import type { DeleteServerRequest as _chester_v1_DeleteServerRequest, DeleteServerRequest__Output as _chester_v1_DeleteServerRequest__Output } from './chester/v1/DeleteServerRequest.ts';
import type { DeleteUserRequest as _chester_v1_DeleteUserRequest, DeleteUserRequest__Output as _chester_v1_DeleteUserRequest__Output } from './chester/v1/DeleteUserRequest.ts';
import type { DiagnoseRequest as _chester_v1_DiagnoseRequest, DiagnoseRequest__Output as _chester_v1_DiagnoseRequest__Output } from './chester/v1/DiagnoseRequest.ts';
import type { DiagnoseResponse as _chester_v1_DiagnoseResponse, DiagnoseResponse__Output as _chester_v1_DiagnoseResponse__Output } from './chester/v1/DiagnoseResponse.ts';
import type { DiffSnapshotsRequest as _chester_v1_DiffSnapshotsRequest, DiffSnapshotsRequest__Output as _chester_v1_DiffSnapshotsRequest__Output } from './chester/v1/DiffSnapshotsRequest.ts';
import type { DiffSnapshotsResponse as _chester_v1_DiffSnapshotsResponse, DiffSnapshotsResponse__Output as _chester_v1_DiffSnapshotsResponse__Output } from './chester/v1/DiffSnapshotsResponse.ts';
import type { DrainRequest as _chester_v1_DrainRequest, DrainRequest__Output as _chester_v1_DrainRequest__Output } from './chester/v1/DrainRequest.ts';
import type { DryRunDecision as _chester_v1_DryRunDecision, DryRunDecision__Output as _chester_v1_DryRunDecision__Output } from './chester/v1/DryRunDecision.ts';
import type { Event as _chester_v1_Event, Event__Output as _chester_v1_Event__Output } from './chester/v1/Event.ts';
import type { ExplainRequest as _chester_v1_ExplainRequest, ExplainRequest__Output as _chester_v1_ExplainRequest__Output } from './chester/v1/ExplainRequest.ts';
import type { ExplainResponse as _chester_v1_ExplainResponse, ExplainResponse__Output as _chester_v1_ExplainResponse__Output } from './chester/v1/ExplainResponse.ts';
import type { FieldChange as _chester_v1_FieldChange, FieldChange__Output as _chester_v1_FieldChange__Output } from './chester/v1/FieldChange.ts';
import type { Fleet as _chester_v1_Fleet, Fleet__Output as _chester_v1_Fleet__Output } from './chester/v1/Fleet.ts';
import type { FleetPlan as _chester_v1_FleetPlan, FleetPlan__Output as _chester_v1_FleetPlan__Output } from './chester/v1/FleetPlan.ts';
import type { FleetSettings as _chester_v1_FleetSettings, FleetSettings__Output as _chester_v1_FleetSettings__Output } from './chester/v1/FleetSettings.ts';
import type { ForgetAgentRequest as _chester_v1_ForgetAgentRequest, ForgetAgentRequest__Output as _chester_v1_ForgetAgentRequest__Output } from './chester/v1/ForgetAgentRequest.ts';
import type { ForgetAgentResponse as _chester_v1_ForgetAgentResponse, ForgetAgentResponse__Output as _chester_v1_ForgetAgentResponse__Output } from './chester/v1/ForgetAgentResponse.ts';
import type { Gate as _chester_v1_Gate, Gate__Output as _chester_v1_Gate__Output } from './chester/v1/Gate.ts';
import type { GetAgentRequest as _chester_v1_GetAgentRequest, GetAgentRequest__Output as _chester_v1_GetAgentRequest__Output } from './chester/v1/GetAgentRequest.ts';
import type { GetFleetRequest as _chester_v1_GetFleetRequest, GetFleetRequest__Output as _chester_v1_GetFleetRequest__Output } from './chester/v1/GetFleetRequest.ts';
import type { GetGroupRequest as _chester_v1_GetGroupRequest, GetGroupRequest__Output as _chester_v1_GetGroupRequest__Output } from './chester/v1/GetGroupRequest.ts';
import type { GetIncidentRequest as _chester_v1_GetIncidentRequest, GetIncidentRequest__Output as _chester_v1_GetIncidentRequest__Output } from './chester/v1/GetIncidentRequest.ts';
import type { GetPolicyRequest as _chester_v1_GetPolicyRequest, GetPolicyRequest__Output as _chester_v1_GetPolicyRequest__Output } from './chester/v1/GetPolicyRequest.ts';
import type { GetSetAsideRequest as _chester_v1_GetSetAsideRequest, GetSetAsideRequest__Output as _chester_v1_GetSetAsideRequest__Output } from './chester/v1/GetSetAsideRequest.ts';
import type { Goodbye as _chester_v1_Goodbye, Goodbye__Output as _chester_v1_Goodbye__Output } from './chester/v1/Goodbye.ts';
import type { Group as _chester_v1_Group, Group__Output as _chester_v1_Group__Output } from './chester/v1/Group.ts';
import type { GroupDeclaration as _chester_v1_GroupDeclaration, GroupDeclaration__Output as _chester_v1_GroupDeclaration__Output } from './chester/v1/GroupDeclaration.ts';
import type { GroupPlan as _chester_v1_GroupPlan, GroupPlan__Output as _chester_v1_GroupPlan__Output } from './chester/v1/GroupPlan.ts';
import type { GroupPolicy as _chester_v1_GroupPolicy, GroupPolicy__Output as _chester_v1_GroupPolicy__Output } from './chester/v1/GroupPolicy.ts';
import type { GroupReport as _chester_v1_GroupReport, GroupReport__Output as _chester_v1_GroupReport__Output } from './chester/v1/GroupReport.ts';
import type { GroupServer as _chester_v1_GroupServer, GroupServer__Output as _chester_v1_GroupServer__Output } from './chester/v1/GroupServer.ts';
import type { GroupSpec as _chester_v1_GroupSpec, GroupSpec__Output as _chester_v1_GroupSpec__Output } from './chester/v1/GroupSpec.ts';
import type { Hello as _chester_v1_Hello, Hello__Output as _chester_v1_Hello__Output } from './chester/v1/Hello.ts';
import type { HistoryEntry as _chester_v1_HistoryEntry, HistoryEntry__Output as _chester_v1_HistoryEntry__Output } from './chester/v1/HistoryEntry.ts';
import type { Hold as _chester_v1_Hold, Hold__Output as _chester_v1_Hold__Output } from './chester/v1/Hold.ts';
import type { HostgroupAttributesSpec as _chester_v1_HostgroupAttributesSpec, HostgroupAttributesSpec__Output as _chester_v1_HostgroupAttributesSpec__Output } from './chester/v1/HostgroupAttributesSpec.ts';
import type { HostgroupAttributesSpecs as _chester_v1_HostgroupAttributesSpecs, HostgroupAttributesSpecs__Output as _chester_v1_HostgroupAttributesSpecs__Output } from './chester/v1/HostgroupAttributesSpecs.ts';
import type { Incident as _chester_v1_Incident, Incident__Output as _chester_v1_Incident__Output } from './chester/v1/Incident.ts';
import type { KnownGroup as _chester_v1_KnownGroup, KnownGroup__Output as _chester_v1_KnownGroup__Output } from './chester/v1/KnownGroup.ts';
import type { LeavingServer as _chester_v1_LeavingServer, LeavingServer__Output as _chester_v1_LeavingServer__Output } from './chester/v1/LeavingServer.ts';
import type { ListAgentsRequest as _chester_v1_ListAgentsRequest, ListAgentsRequest__Output as _chester_v1_ListAgentsRequest__Output } from './chester/v1/ListAgentsRequest.ts';
import type { ListAgentsResponse as _chester_v1_ListAgentsResponse, ListAgentsResponse__Output as _chester_v1_ListAgentsResponse__Output } from './chester/v1/ListAgentsResponse.ts';
import type { ListAuditRequest as _chester_v1_ListAuditRequest, ListAuditRequest__Output as _chester_v1_ListAuditRequest__Output } from './chester/v1/ListAuditRequest.ts';
import type { ListAuditResponse as _chester_v1_ListAuditResponse, ListAuditResponse__Output as _chester_v1_ListAuditResponse__Output } from './chester/v1/ListAuditResponse.ts';
import type { ListCellsRequest as _chester_v1_ListCellsRequest, ListCellsRequest__Output as _chester_v1_ListCellsRequest__Output } from './chester/v1/ListCellsRequest.ts';
import type { ListCellsResponse as _chester_v1_ListCellsResponse, ListCellsResponse__Output as _chester_v1_ListCellsResponse__Output } from './chester/v1/ListCellsResponse.ts';
import type { ListFleetsRequest as _chester_v1_ListFleetsRequest, ListFleetsRequest__Output as _chester_v1_ListFleetsRequest__Output } from './chester/v1/ListFleetsRequest.ts';
import type { ListFleetsResponse as _chester_v1_ListFleetsResponse, ListFleetsResponse__Output as _chester_v1_ListFleetsResponse__Output } from './chester/v1/ListFleetsResponse.ts';
import type { ListGroupsRequest as _chester_v1_ListGroupsRequest, ListGroupsRequest__Output as _chester_v1_ListGroupsRequest__Output } from './chester/v1/ListGroupsRequest.ts';
import type { ListGroupsResponse as _chester_v1_ListGroupsResponse, ListGroupsResponse__Output as _chester_v1_ListGroupsResponse__Output } from './chester/v1/ListGroupsResponse.ts';
import type { ListHistoryRequest as _chester_v1_ListHistoryRequest, ListHistoryRequest__Output as _chester_v1_ListHistoryRequest__Output } from './chester/v1/ListHistoryRequest.ts';
import type { ListHistoryResponse as _chester_v1_ListHistoryResponse, ListHistoryResponse__Output as _chester_v1_ListHistoryResponse__Output } from './chester/v1/ListHistoryResponse.ts';
import type { ListIncidentsRequest as _chester_v1_ListIncidentsRequest, ListIncidentsRequest__Output as _chester_v1_ListIncidentsRequest__Output } from './chester/v1/ListIncidentsRequest.ts';
import type { ListIncidentsResponse as _chester_v1_ListIncidentsResponse, ListIncidentsResponse__Output as _chester_v1_ListIncidentsResponse__Output } from './chester/v1/ListIncidentsResponse.ts';
import type { ListLoadRequest as _chester_v1_ListLoadRequest, ListLoadRequest__Output as _chester_v1_ListLoadRequest__Output } from './chester/v1/ListLoadRequest.ts';
import type { ListLoadResponse as _chester_v1_ListLoadResponse, ListLoadResponse__Output as _chester_v1_ListLoadResponse__Output } from './chester/v1/ListLoadResponse.ts';
import type { ListQueryRulesRequest as _chester_v1_ListQueryRulesRequest, ListQueryRulesRequest__Output as _chester_v1_ListQueryRulesRequest__Output } from './chester/v1/ListQueryRulesRequest.ts';
import type { ListQueryRulesResponse as _chester_v1_ListQueryRulesResponse, ListQueryRulesResponse__Output as _chester_v1_ListQueryRulesResponse__Output } from './chester/v1/ListQueryRulesResponse.ts';
import type { ListSecretsRequest as _chester_v1_ListSecretsRequest, ListSecretsRequest__Output as _chester_v1_ListSecretsRequest__Output } from './chester/v1/ListSecretsRequest.ts';
import type { ListSecretsResponse as _chester_v1_ListSecretsResponse, ListSecretsResponse__Output as _chester_v1_ListSecretsResponse__Output } from './chester/v1/ListSecretsResponse.ts';
import type { ListServersRequest as _chester_v1_ListServersRequest, ListServersRequest__Output as _chester_v1_ListServersRequest__Output } from './chester/v1/ListServersRequest.ts';
import type { ListServersResponse as _chester_v1_ListServersResponse, ListServersResponse__Output as _chester_v1_ListServersResponse__Output } from './chester/v1/ListServersResponse.ts';
import type { ListSetAsideRequest as _chester_v1_ListSetAsideRequest, ListSetAsideRequest__Output as _chester_v1_ListSetAsideRequest__Output } from './chester/v1/ListSetAsideRequest.ts';
import type { ListSetAsideResponse as _chester_v1_ListSetAsideResponse, ListSetAsideResponse__Output as _chester_v1_ListSetAsideResponse__Output } from './chester/v1/ListSetAsideResponse.ts';
import type { ListUsersRequest as _chester_v1_ListUsersRequest, ListUsersRequest__Output as _chester_v1_ListUsersRequest__Output } from './chester/v1/ListUsersRequest.ts';
import type { ListUsersResponse as _chester_v1_ListUsersResponse, ListUsersResponse__Output as _chester_v1_ListUsersResponse__Output } from './chester/v1/ListUsersResponse.ts';
import type { LiveInstance as _chester_v1_LiveInstance, LiveInstance__Output as _chester_v1_LiveInstance__Output } from './chester/v1/LiveInstance.ts';
import type { LiveView as _chester_v1_LiveView, LiveView__Output as _chester_v1_LiveView__Output } from './chester/v1/LiveView.ts';
import type { LoadOfServer as _chester_v1_LoadOfServer, LoadOfServer__Output as _chester_v1_LoadOfServer__Output } from './chester/v1/LoadOfServer.ts';
import type { Nack as _chester_v1_Nack, Nack__Output as _chester_v1_Nack__Output } from './chester/v1/Nack.ts';
import type { PauseRequest as _chester_v1_PauseRequest, PauseRequest__Output as _chester_v1_PauseRequest__Output } from './chester/v1/PauseRequest.ts';
import type { PlanGroupsRequest as _chester_v1_PlanGroupsRequest, PlanGroupsRequest__Output as _chester_v1_PlanGroupsRequest__Output } from './chester/v1/PlanGroupsRequest.ts';
import type { PlanGroupsResponse as _chester_v1_PlanGroupsResponse, PlanGroupsResponse__Output as _chester_v1_PlanGroupsResponse__Output } from './chester/v1/PlanGroupsResponse.ts';
import type { Policy as _chester_v1_Policy, Policy__Output as _chester_v1_Policy__Output } from './chester/v1/Policy.ts';
import type { PutFleetRequest as _chester_v1_PutFleetRequest, PutFleetRequest__Output as _chester_v1_PutFleetRequest__Output } from './chester/v1/PutFleetRequest.ts';
import type { PutGroupRequest as _chester_v1_PutGroupRequest, PutGroupRequest__Output as _chester_v1_PutGroupRequest__Output } from './chester/v1/PutGroupRequest.ts';
import type { PutPolicyRequest as _chester_v1_PutPolicyRequest, PutPolicyRequest__Output as _chester_v1_PutPolicyRequest__Output } from './chester/v1/PutPolicyRequest.ts';
import type { PutQueryRulesRequest as _chester_v1_PutQueryRulesRequest, PutQueryRulesRequest__Output as _chester_v1_PutQueryRulesRequest__Output } from './chester/v1/PutQueryRulesRequest.ts';
import type { PutSecretRequest as _chester_v1_PutSecretRequest, PutSecretRequest__Output as _chester_v1_PutSecretRequest__Output } from './chester/v1/PutSecretRequest.ts';
import type { PutServerRequest as _chester_v1_PutServerRequest, PutServerRequest__Output as _chester_v1_PutServerRequest__Output } from './chester/v1/PutServerRequest.ts';
import type { PutUserRequest as _chester_v1_PutUserRequest, PutUserRequest__Output as _chester_v1_PutUserRequest__Output } from './chester/v1/PutUserRequest.ts';
import type { QueryRule as _chester_v1_QueryRule, QueryRule__Output as _chester_v1_QueryRule__Output } from './chester/v1/QueryRule.ts';
import type { QueryRuleSpec as _chester_v1_QueryRuleSpec, QueryRuleSpec__Output as _chester_v1_QueryRuleSpec__Output } from './chester/v1/QueryRuleSpec.ts';
import type { ReceivedGroup as _chester_v1_ReceivedGroup, ReceivedGroup__Output as _chester_v1_ReceivedGroup__Output } from './chester/v1/ReceivedGroup.ts';
import type { Reconnect as _chester_v1_Reconnect, Reconnect__Output as _chester_v1_Reconnect__Output } from './chester/v1/Reconnect.ts';
import type { ReleaseRequest as _chester_v1_ReleaseRequest, ReleaseRequest__Output as _chester_v1_ReleaseRequest__Output } from './chester/v1/ReleaseRequest.ts';
import type { ReleaseScaleRequest as _chester_v1_ReleaseScaleRequest, ReleaseScaleRequest__Output as _chester_v1_ReleaseScaleRequest__Output } from './chester/v1/ReleaseScaleRequest.ts';
import type { RemovedGroup as _chester_v1_RemovedGroup, RemovedGroup__Output as _chester_v1_RemovedGroup__Output } from './chester/v1/RemovedGroup.ts';
import type { RemovingServer as _chester_v1_RemovingServer, RemovingServer__Output as _chester_v1_RemovingServer__Output } from './chester/v1/RemovingServer.ts';
import type { ReplaySetAsideRequest as _chester_v1_ReplaySetAsideRequest, ReplaySetAsideRequest__Output as _chester_v1_ReplaySetAsideRequest__Output } from './chester/v1/ReplaySetAsideRequest.ts';
import type { ReplaySetAsideResponse as _chester_v1_ReplaySetAsideResponse, ReplaySetAsideResponse__Output as _chester_v1_ReplaySetAsideResponse__Output } from './chester/v1/ReplaySetAsideResponse.ts';
import type { Replica as _chester_v1_Replica, Replica__Output as _chester_v1_Replica__Output } from './chester/v1/Replica.ts';
import type { ReplicaTemplate as _chester_v1_ReplicaTemplate, ReplicaTemplate__Output as _chester_v1_ReplicaTemplate__Output } from './chester/v1/ReplicaTemplate.ts';
import type { Report as _chester_v1_Report, Report__Output as _chester_v1_Report__Output } from './chester/v1/Report.ts';
import type { ResumeRequest as _chester_v1_ResumeRequest, ResumeRequest__Output as _chester_v1_ResumeRequest__Output } from './chester/v1/ResumeRequest.ts';
import type { ResyncRequest as _chester_v1_ResyncRequest, ResyncRequest__Output as _chester_v1_ResyncRequest__Output } from './chester/v1/ResyncRequest.ts';
import type { ResyncResponse as _chester_v1_ResyncResponse, ResyncResponse__Output as _chester_v1_ResyncResponse__Output } from './chester/v1/ResyncResponse.ts';
import type { RetireCellRequest as _chester_v1_RetireCellRequest, RetireCellRequest__Output as _chester_v1_RetireCellRequest__Output } from './chester/v1/RetireCellRequest.ts';
import type { RollbackRequest as _chester_v1_RollbackRequest, RollbackRequest__Output as _chester_v1_RollbackRequest__Output } from './chester/v1/RollbackRequest.ts';
import type { RotateSecretKeyRequest as _chester_v1_RotateSecretKeyRequest, RotateSecretKeyRequest__Output as _chester_v1_RotateSecretKeyRequest__Output } from './chester/v1/RotateSecretKeyRequest.ts';
import type { RotateSecretKeyResponse as _chester_v1_RotateSecretKeyResponse, RotateSecretKeyResponse__Output as _chester_v1_RotateSecretKeyResponse__Output } from './chester/v1/RotateSecretKeyResponse.ts';
import type { Row as _chester_v1_Row, Row__Output as _chester_v1_Row__Output } from './chester/v1/Row.ts';
import type { RowChange as _chester_v1_RowChange, RowChange__Output as _chester_v1_RowChange__Output } from './chester/v1/RowChange.ts';
import type { RuleIdRange as _chester_v1_RuleIdRange, RuleIdRange__Output as _chester_v1_RuleIdRange__Output } from './chester/v1/RuleIdRange.ts';
import type { RuleIds as _chester_v1_RuleIds, RuleIds__Output as _chester_v1_RuleIds__Output } from './chester/v1/RuleIds.ts';
import type { ScaleOverride as _chester_v1_ScaleOverride, ScaleOverride__Output as _chester_v1_ScaleOverride__Output } from './chester/v1/ScaleOverride.ts';
import type { ScaleRequest as _chester_v1_ScaleRequest, ScaleRequest__Output as _chester_v1_ScaleRequest__Output } from './chester/v1/ScaleRequest.ts';
import type { ScalingDecision as _chester_v1_ScalingDecision, ScalingDecision__Output as _chester_v1_ScalingDecision__Output } from './chester/v1/ScalingDecision.ts';
import type { ScalingInputs as _chester_v1_ScalingInputs, ScalingInputs__Output as _chester_v1_ScalingInputs__Output } from './chester/v1/ScalingInputs.ts';
import type { ScalingOrder as _chester_v1_ScalingOrder, ScalingOrder__Output as _chester_v1_ScalingOrder__Output } from './chester/v1/ScalingOrder.ts';
import type { ScalingPolicy as _chester_v1_ScalingPolicy, ScalingPolicy__Output as _chester_v1_ScalingPolicy__Output } from './chester/v1/ScalingPolicy.ts';
import type { Schedule as _chester_v1_Schedule, Schedule__Output as _chester_v1_Schedule__Output } from './chester/v1/Schedule.ts';
import type { Server as _chester_v1_Server, Server__Output as _chester_v1_Server__Output } from './chester/v1/Server.ts';
import type { ServerCordon as _chester_v1_ServerCordon, ServerCordon__Output as _chester_v1_ServerCordon__Output } from './chester/v1/ServerCordon.ts';
import type { ServerDefaults as _chester_v1_ServerDefaults, ServerDefaults__Output as _chester_v1_ServerDefaults__Output } from './chester/v1/ServerDefaults.ts';
import type { ServerDrain as _chester_v1_ServerDrain, ServerDrain__Output as _chester_v1_ServerDrain__Output } from './chester/v1/ServerDrain.ts';
import type { ServerLoad as _chester_v1_ServerLoad, ServerLoad__Output as _chester_v1_ServerLoad__Output } from './chester/v1/ServerLoad.ts';
import type { ServerReport as _chester_v1_ServerReport, ServerReport__Output as _chester_v1_ServerReport__Output } from './chester/v1/ServerReport.ts';
import type { SetAsideMessage as _chester_v1_SetAsideMessage, SetAsideMessage__Output as _chester_v1_SetAsideMessage__Output } from './chester/v1/SetAsideMessage.ts';
import type { SlowStart as _chester_v1_SlowStart, SlowStart__Output as _chester_v1_SlowStart__Output } from './chester/v1/SlowStart.ts';
import type { SlowStartSpec as _chester_v1_SlowStartSpec, SlowStartSpec__Output as _chester_v1_SlowStartSpec__Output } from './chester/v1/SlowStartSpec.ts';
import type { Snapshot as _chester_v1_Snapshot, Snapshot__Output as _chester_v1_Snapshot__Output } from './chester/v1/Snapshot.ts';
import type { StaticServer as _chester_v1_StaticServer, StaticServer__Output as _chester_v1_StaticServer__Output } from './chester/v1/StaticServer.ts';
import type { StoredSecret as _chester_v1_StoredSecret, StoredSecret__Output as _chester_v1_StoredSecret__Output } from './chester/v1/StoredSecret.ts';
import type { StoryLine as _chester_v1_StoryLine, StoryLine__Output as _chester_v1_StoryLine__Output } from './chester/v1/StoryLine.ts';
import type { SyncDone as _chester_v1_SyncDone, SyncDone__Output as _chester_v1_SyncDone__Output } from './chester/v1/SyncDone.ts';
import type { TimeWindow as _chester_v1_TimeWindow, TimeWindow__Output as _chester_v1_TimeWindow__Output } from './chester/v1/TimeWindow.ts';
import type { UncordonRequest as _chester_v1_UncordonRequest, UncordonRequest__Output as _chester_v1_UncordonRequest__Output } from './chester/v1/UncordonRequest.ts';
import type { UnknownGroup as _chester_v1_UnknownGroup, UnknownGroup__Output as _chester_v1_UnknownGroup__Output } from './chester/v1/UnknownGroup.ts';
import type { Update as _chester_v1_Update, Update__Output as _chester_v1_Update__Output } from './chester/v1/Update.ts';
import type { UserSpec as _chester_v1_UserSpec, UserSpec__Output as _chester_v1_UserSpec__Output } from './chester/v1/UserSpec.ts';
import type { WarmingServer as _chester_v1_WarmingServer, WarmingServer__Output as _chester_v1_WarmingServer__Output } from './chester/v1/WarmingServer.ts';
import type { WatchEventsRequest as _chester_v1_WatchEventsRequest, WatchEventsRequest__Output as _chester_v1_WatchEventsRequest__Output } from './chester/v1/WatchEventsRequest.ts';
import type { Welcome as _chester_v1_Welcome, Welcome__Output as _chester_v1_Welcome__Output } from './chester/v1/Welcome.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  chester: {
    v1: {
      AbsentServer: MessageTypeDefinition<_chester_v1_AbsentServer, _chester_v1_AbsentServer__Output>
      AcceptPrimaryRequest: MessageTypeDefinition<_chester_v1_AcceptPrimaryRequest, _chester_v1_AcceptPrimaryRequest__Output>
      Ack: MessageTypeDefinition<_chester_v1_Ack, _chester_v1_Ack__Output>
      AckError: MessageTypeDefinition<_chester_v1_AckError, _chester_v1_AckError__Output>
      AckStatus: EnumTypeDefinition
      AddQueryRuleRequest: MessageTypeDefinition<_chester_v1_AddQueryRuleRequest, _chester_v1_AddQueryRuleRequest__Output>
      Address: MessageTypeDefinition<_chester_v1_Address, _chester_v1_Address__Output>
      AdminService: SubtypeConstructor<typeof grpc.Client, _chester_v1_AdminServiceClient> & { service: _chester_v1_AdminServiceDefinition }
      AdoptRequest: MessageTypeDefinition<_chester_v1_AdoptRequest, _chester_v1_AdoptRequest__Output>
      Agent: MessageTypeDefinition<_chester_v1_Agent, _chester_v1_Agent__Output>
      AgentGroup: MessageTypeDefinition<_chester_v1_AgentGroup, _chester_v1_AgentGroup__Output>
      AgentMessage: MessageTypeDefinition<_chester_v1_AgentMessage, _chester_v1_AgentMessage__Output>
      AgentNotice: MessageTypeDefinition<_chester_v1_AgentNotice, _chester_v1_AgentNotice__Output>
      AgentService: SubtypeConstructor<typeof grpc.Client, _chester_v1_AgentServiceClient> & { service: _chester_v1_AgentServiceDefinition }
      AgentsSpec: MessageTypeDefinition<_chester_v1_AgentsSpec, _chester_v1_AgentsSpec__Output>
      AppliedGroup: MessageTypeDefinition<_chester_v1_AppliedGroup, _chester_v1_AppliedGroup__Output>
      ApplyGroupsRequest: MessageTypeDefinition<_chester_v1_ApplyGroupsRequest, _chester_v1_ApplyGroupsRequest__Output>
      ApplyGroupsResponse: MessageTypeDefinition<_chester_v1_ApplyGroupsResponse, _chester_v1_ApplyGroupsResponse__Output>
      AuditEntry: MessageTypeDefinition<_chester_v1_AuditEntry, _chester_v1_AuditEntry__Output>
      Bookmark: MessageTypeDefinition<_chester_v1_Bookmark, _chester_v1_Bookmark__Output>
      CancelDrainRequest: MessageTypeDefinition<_chester_v1_CancelDrainRequest, _chester_v1_CancelDrainRequest__Output>
      Cell: MessageTypeDefinition<_chester_v1_Cell, _chester_v1_Cell__Output>
      Certificate: MessageTypeDefinition<_chester_v1_Certificate, _chester_v1_Certificate__Output>
      Check: MessageTypeDefinition<_chester_v1_Check, _chester_v1_Check__Output>
      ClientCertificate: MessageTypeDefinition<_chester_v1_ClientCertificate, _chester_v1_ClientCertificate__Output>
      CloseIncidentRequest: MessageTypeDefinition<_chester_v1_CloseIncidentRequest, _chester_v1_CloseIncidentRequest__Output>
      CloseIncidentResponse: MessageTypeDefinition<_chester_v1_CloseIncidentResponse, _chester_v1_CloseIncidentResponse__Output>
      CloudPlan: MessageTypeDefinition<_chester_v1_CloudPlan, _chester_v1_CloudPlan__Output>
      Column: MessageTypeDefinition<_chester_v1_Column, _chester_v1_Column__Output>
      ConnectionBudget: MessageTypeDefinition<_chester_v1_ConnectionBudget, _chester_v1_ConnectionBudget__Output>
      Coordinator: MessageTypeDefinition<_chester_v1_Coordinator, _chester_v1_Coordinator__Output>
      CoordinatorMessage: MessageTypeDefinition<_chester_v1_CoordinatorMessage, _chester_v1_CoordinatorMessage__Output>
      CordonRequest: MessageTypeDefinition<_chester_v1_CordonRequest, _chester_v1_CordonRequest__Output>
      CordonedServer: MessageTypeDefinition<_chester_v1_CordonedServer, _chester_v1_CordonedServer__Output>
      CreateGroupRequest: MessageTypeDefinition<_chester_v1_CreateGroupRequest, _chester_v1_CreateGroupRequest__Output>
      Deadlines: MessageTypeDefinition<_chester_v1_Deadlines, _chester_v1_Deadlines__Output>
      DeleteFleetRequest: MessageTypeDefinition<_chester_v1_DeleteFleetRequest, _chester_v1_DeleteFleetRequest__Output>
      DeleteFleetResponse: MessageTypeDefinition<_chester_v1_DeleteFleetResponse, _chester_v1_DeleteFleetResponse__Output>
      DeleteGroupRequest: MessageTypeDefinition<_chester_v1_DeleteGroupRequest, _chester_v1_DeleteGroupRequest__Output>
      DeleteGroupResponse: MessageTypeDefinition<_chester_v1_DeleteGroupResponse, _chester_v1_DeleteGroupResponse__Output>
      DeleteQueryRuleRequest: MessageTypeDefinition<_chester_v1_DeleteQueryRuleRequest, _chester_v1_DeleteQueryRuleRequest__Output>
      DeleteSecretRequest: MessageTypeDefinition<_chester_v1_DeleteSecretRequest, _chester_v1_DeleteSecretRequest__Output>
      DeleteSecretResponse: MessageTypeDefinition<_chester_v1_DeleteSecretResponse, _chester_v1_DeleteSecretResponse__Output>
      DeleteServerRequest: MessageTypeDefinition<_chester_v1_DeleteServerRequest, _chester_v1_DeleteServerRequest__Output>
      DeleteUserRequest: MessageTypeDefinition<_chester_v1_DeleteUserRequest, _chester_v1_DeleteUserRequest__Output>
      DiagnoseRequest: MessageTypeDefinition<_chester_v1_DiagnoseRequest, _chester_v1_DiagnoseRequest__Output>
      DiagnoseResponse: MessageTypeDefinition<_chester_v1_DiagnoseResponse, _chester_v1_DiagnoseResponse__Output>
      DiffSnapshotsRequest: MessageTypeDefinition<_chester_v1_DiffSnapshotsRequest, _chester_v1_DiffSnapshotsRequest__Output>
      DiffSnapshotsResponse: MessageTypeDefinition<_chester_v1_DiffSnapshotsResponse, _chester_v1_DiffSnapshotsResponse__Output>
      DrainRequest: MessageTypeDefinition<_chester_v1_DrainRequest, _chester_v1_DrainRequest__Output>
      DryRunDecision: MessageTypeDefinition<_chester_v1_DryRunDecision, _chester_v1_DryRunDecision__Output>
      Event: MessageTypeDefinition<_chester_v1_Event, _chester_v1_Event__Output>
      ExplainRequest: MessageTypeDefinition<_chester_v1_ExplainRequest, _chester_v1_ExplainRequest__Output>
      ExplainResponse: MessageTypeDefinition<_chester_v1_ExplainResponse, _chester_v1_ExplainResponse__Output>
      FieldChange: MessageTypeDefinition<_chester_v1_FieldChange, _chester_v1_FieldChange__Output>
      Fleet: MessageTypeDefinition<_chester_v1_Fleet, _chester_v1_Fleet__Output>
      FleetPlan: MessageTypeDefinition<_chester_v1_FleetPlan, _chester_v1_FleetPlan__Output>
      FleetSettings: MessageTypeDefinition<_chester_v1_FleetSettings, _chester_v1_FleetSettings__Output>
      ForgetAgentRequest: MessageTypeDefinition<_chester_v1_ForgetAgentRequest, _chester_v1_ForgetAgentRequest__Output>
      ForgetAgentResponse: MessageTypeDefinition<_chester_v1_ForgetAgentResponse, _chester_v1_ForgetAgentResponse__Output>
      Gate: MessageTypeDefinition<_chester_v1_Gate, _chester_v1_Gate__Output>
      GetAgentRequest: MessageTypeDefinition<_chester_v1_GetAgentRequest, _chester_v1_GetAgentRequest__Output>
      GetFleetRequest: MessageTypeDefinition<_chester_v1_GetFleetRequest, _chester_v1_GetFleetRequest__Output>
      GetGroupRequest: MessageTypeDefinition<_chester_v1_GetGroupRequest, _chester_v1_GetGroupRequest__Output>
      GetIncidentRequest: MessageTypeDefinition<_chester_v1_GetIncidentRequest, _chester_v1_GetIncidentRequest__Output>
      GetPolicyRequest: MessageTypeDefinition<_chester_v1_GetPolicyRequest, _chester_v1_GetPolicyRequest__Output>
      GetSetAsideRequest: MessageTypeDefinition<_chester_v1_GetSetAsideRequest, _chester_v1_GetSetAsideRequest__Output>
      Goodbye: MessageTypeDefinition<_chester_v1_Goodbye, _chester_v1_Goodbye__Output>
      Group: MessageTypeDefinition<_chester_v1_Group, _chester_v1_Group__Output>
      GroupDeclaration: MessageTypeDefinition<_chester_v1_GroupDeclaration, _chester_v1_GroupDeclaration__Output>
      GroupPlan: MessageTypeDefinition<_chester_v1_GroupPlan, _chester_v1_GroupPlan__Output>
      GroupPolicy: MessageTypeDefinition<_chester_v1_GroupPolicy, _chester_v1_GroupPolicy__Output>
      GroupReport: MessageTypeDefinition<_chester_v1_GroupReport, _chester_v1_GroupReport__Output>
      GroupServer: MessageTypeDefinition<_chester_v1_GroupServer, _chester_v1_GroupServer__Output>
      GroupSpec: MessageTypeDefinition<_chester_v1_GroupSpec, _chester_v1_GroupSpec__Output>
      Hello: MessageTypeDefinition<_chester_v1_Hello, _chester_v1_Hello__Output>
      HistoryEntry: MessageTypeDefinition<_chester_v1_HistoryEntry, _chester_v1_HistoryEntry__Output>
      Hold: MessageTypeDefinition<_chester_v1_Hold, _chester_v1_Hold__Output>
      HostgroupAttributesSpec: MessageTypeDefinition<_chester_v1_HostgroupAttributesSpec, _chester_v1_HostgroupAttributesSpec__Output>
      HostgroupAttributesSpecs: MessageTypeDefinition<_chester_v1_HostgroupAttributesSpecs, _chester_v1_HostgroupAttributesSpecs__Output>
      Incident: MessageTypeDefinition<_chester_v1_Incident, _chester_v1_Incident__Output>
      KnownGroup: MessageTypeDefinition<_chester_v1_KnownGroup, _chester_v1_KnownGroup__Output>
      LeavingServer: MessageTypeDefinition<_chester_v1_LeavingServer, _chester_v1_LeavingServer__Output>
      ListAgentsRequest: MessageTypeDefinition<_chester_v1_ListAgentsRequest, _chester_v1_ListAgentsRequest__Output>
      ListAgentsResponse: MessageTypeDefinition<_chester_v1_ListAgentsResponse, _chester_v1_ListAgentsResponse__Output>
      ListAuditRequest: MessageTypeDefinition<_chester_v1_ListAuditRequest, _chester_v1_ListAuditRequest__Output>
      ListAuditResponse: MessageTypeDefinition<_chester_v1_ListAuditResponse, _chester_v1_ListAuditResponse__Output>
      ListCellsRequest: MessageTypeDefinition<_chester_v1_ListCellsRequest, _chester_v1_ListCellsRequest__Output>
      ListCellsResponse: MessageTypeDefinition<_chester_v1_ListCellsResponse, _chester_v1_ListCellsResponse__Output>
      ListFleetsRequest: MessageTypeDefinition<_chester_v1_ListFleetsRequest, _chester_v1_ListFleetsRequest__Output>
      ListFleetsResponse: MessageTypeDefinition<_chester_v1_ListFleetsResponse, _chester_v1_ListFleetsResponse__Output>
      ListGroupsRequest: MessageTypeDefinition<_chester_v1_ListGroupsRequest, _chester_v1_ListGroupsRequest__Output>
      ListGroupsResponse: MessageTypeDefinition<_chester_v1_ListGroupsResponse, _chester_v1_ListGroupsResponse__Output>
      ListHistoryRequest: MessageTypeDefinition<_chester_v1_ListHistoryRequest, _chester_v1_ListHistoryRequest__Output>
      ListHistoryResponse: MessageTypeDefinition<_chester_v1_ListHistoryResponse, _chester_v1_ListHistoryResponse__Output>
      ListIncidentsRequest: MessageTypeDefinition<_chester_v1_ListIncidentsRequest, _chester_v1_ListIncidentsRequest__Output>
      ListIncidentsResponse: MessageTypeDefinition<_chester_v1_ListIncidentsResponse, _chester_v1_ListIncidentsResponse__Output>
      ListLoadRequest: MessageTypeDefinition<_chester_v1_ListLoadRequest, _chester_v1_ListLoadRequest__Output>
      ListLoadResponse: MessageTypeDefinition<_chester_v1_ListLoadResponse, _chester_v1_ListLoadResponse__Output>
      ListQueryRulesRequest: MessageTypeDefinition<_chester_v1_ListQueryRulesRequest, _chester_v1_ListQueryRulesRequest__Output>
      ListQueryRulesResponse: MessageTypeDefinition<_chester_v1_ListQueryRulesResponse, _chester_v1_ListQueryRulesResponse__Output>
      ListSecretsRequest: MessageTypeDefinition<_chester_v1_ListSecretsRequest, _chester_v1_ListSecretsRequest__Output>
      ListSecretsResponse: MessageTypeDefinition<_chester_v1_ListSecretsResponse, _chester_v1_ListSecretsResponse__Output>
      ListServersRequest: MessageTypeDefinition<_chester_v1_ListServersRequest, _chester_v1_ListServersRequest__Output>
      ListServersResponse: MessageTypeDefinition<_chester_v1_ListServersResponse, _chester_v1_ListServersResponse__Output>
      ListSetAsideRequest: MessageTypeDefinition<_chester_v1_ListSetAsideRequest, _chester_v1_ListSetAsideRequest__Output>
      ListSetAsideResponse: MessageTypeDefinition<_chester_v1_ListSetAsideResponse, _chester_v1_ListSetAsideResponse__Output>
      ListUsersRequest: MessageTypeDefinition<_chester_v1_ListUsersRequest, _chester_v1_ListUsersRequest__Output>
      ListUsersResponse: MessageTypeDefinition<_chester_v1_ListUsersResponse, _chester_v1_ListUsersResponse__Output>
      LiveInstance: MessageTypeDefinition<_chester_v1_LiveInstance, _chester_v1_LiveInstance__Output>
      LiveView: MessageTypeDefinition<_chester_v1_LiveView, _chester_v1_LiveView__Output>
      LoadOfServer: MessageTypeDefinition<_chester_v1_LoadOfServer, _chester_v1_LoadOfServer__Output>
      Nack: MessageTypeDefinition<_chester_v1_Nack, _chester_v1_Nack__Output>
      PauseRequest: MessageTypeDefinition<_chester_v1_PauseRequest, _chester_v1_PauseRequest__Output>
      PlanGroupsRequest: MessageTypeDefinition<_chester_v1_PlanGroupsRequest, _chester_v1_PlanGroupsRequest__Output>
      PlanGroupsResponse: MessageTypeDefinition<_chester_v1_PlanGroupsResponse, _chester_v1_PlanGroupsResponse__Output>
      Policy: MessageTypeDefinition<_chester_v1_Policy, _chester_v1_Policy__Output>
      PutFleetRequest: MessageTypeDefinition<_chester_v1_PutFleetRequest, _chester_v1_PutFleetRequest__Output>
      PutGroupRequest: MessageTypeDefinition<_chester_v1_PutGroupRequest, _chester_v1_PutGroupRequest__Output>
      PutPolicyRequest: MessageTypeDefinition<_chester_v1_PutPolicyRequest, _chester_v1_PutPolicyRequest__Output>
      PutQueryRulesRequest: MessageTypeDefinition<_chester_v1_PutQueryRulesRequest, _chester_v1_PutQueryRulesRequest__Output>
      PutSecretRequest: MessageTypeDefinition<_chester_v1_PutSecretRequest, _chester_v1_PutSecretRequest__Output>
      PutServerRequest: MessageTypeDefinition<_chester_v1_PutServerRequest, _chester_v1_PutServerRequest__Output>
      PutUserRequest: MessageTypeDefinition<_chester_v1_PutUserRequest, _chester_v1_PutUserRequest__Output>
      QueryRule: MessageTypeDefinition<_chester_v1_QueryRule, _chester_v1_QueryRule__Output>
      QueryRuleSpec: MessageTypeDefinition<_chester_v1_QueryRuleSpec, _chester_v1_QueryRuleSpec__Output>
      ReceivedGroup: MessageTypeDefinition<_chester_v1_ReceivedGroup, _chester_v1_ReceivedGroup__Output>
      Reconnect: MessageTypeDefinition<_chester_v1_Reconnect, _chester_v1_Reconnect__Output>
      ReleaseRequest: MessageTypeDefinition<_chester_v1_ReleaseRequest, _chester_v1_ReleaseRequest__Output>
      ReleaseScaleRequest: MessageTypeDefinition<_chester_v1_ReleaseScaleRequest, _chester_v1_ReleaseScaleRequest__Output>
      RemovedGroup: MessageTypeDefinition<_chester_v1_RemovedGroup, _chester_v1_RemovedGroup__Output>
      RemovingServer: MessageTypeDefinition<_chester_v1_RemovingServer, _chester_v1_RemovingServer__Output>
      ReplaySetAsideRequest: MessageTypeDefinition<_chester_v1_ReplaySetAsideRequest, _chester_v1_ReplaySetAsideRequest__Output>
      ReplaySetAsideResponse: MessageTypeDefinition<_chester_v1_ReplaySetAsideResponse, _chester_v1_ReplaySetAsideResponse__Output>
      Replica: MessageTypeDefinition<_chester_v1_Replica, _chester_v1_Replica__Output>
      ReplicaTemplate: MessageTypeDefinition<_chester_v1_ReplicaTemplate, _chester_v1_ReplicaTemplate__Output>
      Report: MessageTypeDefinition<_chester_v1_Report, _chester_v1_Report__Output>
      ResumeRequest: MessageTypeDefinition<_chester_v1_ResumeRequest, _chester_v1_ResumeRequest__Output>
      ResyncRequest: MessageTypeDefinition<_chester_v1_ResyncRequest, _chester_v1_ResyncRequest__Output>
      ResyncResponse: MessageTypeDefinition<_chester_v1_ResyncResponse, _chester_v1_ResyncResponse__Output>
      RetireCellRequest: MessageTypeDefinition<_chester_v1_RetireCellRequest, _chester_v1_RetireCellRequest__Output>
      RollbackRequest: MessageTypeDefinition<_chester_v1_RollbackRequest, _chester_v1_RollbackRequest__Output>
      RotateSecretKeyRequest: MessageTypeDefinition<_chester_v1_RotateSecretKeyRequest, _chester_v1_RotateSecretKeyRequest__Output>
      RotateSecretKeyResponse: MessageTypeDefinition<_chester_v1_RotateSecretKeyResponse, _chester_v1_RotateSecretKeyResponse__Output>
      Row: MessageTypeDefinition<_chester_v1_Row, _chester_v1_Row__Output>
      RowChange: MessageTypeDefinition<_chester_v1_RowChange, _chester_v1_RowChange__Output>
      RuleIdRange: MessageTypeDefinition<_chester_v1_RuleIdRange, _chester_v1_RuleIdRange__Output>
      RuleIds: MessageTypeDefinition<_chester_v1_RuleIds, _chester_v1_RuleIds__Output>
      ScaleOverride: MessageTypeDefinition<_chester_v1_ScaleOverride, _chester_v1_ScaleOverride__Output>
      ScaleRequest: MessageTypeDefinition<_chester_v1_ScaleRequest, _chester_v1_ScaleRequest__Output>
      ScalingDecision: MessageTypeDefinition<_chester_v1_ScalingDecision, _chester_v1_ScalingDecision__Output>
      ScalingInputs: MessageTypeDefinition<_chester_v1_ScalingInputs, _chester_v1_ScalingInputs__Output>
      ScalingOrder: MessageTypeDefinition<_chester_v1_ScalingOrder, _chester_v1_ScalingOrder__Output>
      ScalingPolicy: MessageTypeDefinition<_chester_v1_ScalingPolicy, _chester_v1_ScalingPolicy__Output>
      Schedule: MessageTypeDefinition<_chester_v1_Schedule, _chester_v1_Schedule__Output>
      Server: MessageTypeDefinition<_chester_v1_Server, _chester_v1_Server__Output>
      ServerCordon: MessageTypeDefinition<_chester_v1_ServerCordon, _chester_v1_ServerCordon__Output>
      ServerDefaults: MessageTypeDefinition<_chester_v1_ServerDefaults, _chester_v1_ServerDefaults__Output>
      ServerDrain: MessageTypeDefinition<_chester_v1_ServerDrain, _chester_v1_ServerDrain__Output>
      ServerLoad: MessageTypeDefinition<_chester_v1_ServerLoad, _chester_v1_ServerLoad__Output>
      ServerReport: MessageTypeDefinition<_chester_v1_ServerReport, _chester_v1_ServerReport__Output>
      ServerStatus: EnumTypeDefinition
      SetAsideMessage: MessageTypeDefinition<_chester_v1_SetAsideMessage, _chester_v1_SetAsideMessage__Output>
      SlowStart: MessageTypeDefinition<_chester_v1_SlowStart, _chester_v1_SlowStart__Output>
      SlowStartSpec: MessageTypeDefinition<_chester_v1_SlowStartSpec, _chester_v1_SlowStartSpec__Output>
      Snapshot: MessageTypeDefinition<_chester_v1_Snapshot, _chester_v1_Snapshot__Output>
      StaticServer: MessageTypeDefinition<_chester_v1_StaticServer, _chester_v1_StaticServer__Output>
      StoredSecret: MessageTypeDefinition<_chester_v1_StoredSecret, _chester_v1_StoredSecret__Output>
      StoryLine: MessageTypeDefinition<_chester_v1_StoryLine, _chester_v1_StoryLine__Output>
      SyncDone: MessageTypeDefinition<_chester_v1_SyncDone, _chester_v1_SyncDone__Output>
      TimeWindow: MessageTypeDefinition<_chester_v1_TimeWindow, _chester_v1_TimeWindow__Output>
      UncordonRequest: MessageTypeDefinition<_chester_v1_UncordonRequest, _chester_v1_UncordonRequest__Output>
      UnknownGroup: MessageTypeDefinition<_chester_v1_UnknownGroup, _chester_v1_UnknownGroup__Output>
      Update: MessageTypeDefinition<_chester_v1_Update, _chester_v1_Update__Output>
      UserSpec: MessageTypeDefinition<_chester_v1_UserSpec, _chester_v1_UserSpec__Output>
      WarmingServer: MessageTypeDefinition<_chester_v1_WarmingServer, _chester_v1_WarmingServer__Output>
      WatchEventsRequest: MessageTypeDefinition<_chester_v1_WatchEventsRequest, _chester_v1_WatchEventsRequest__Output>
      Welcome: MessageTypeDefinition<_chester_v1_Welcome, _chester_v1_Welcome__Output>
    }
  }
}

