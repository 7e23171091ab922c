import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { AdminServiceClient as _chester_v1_AdminServiceClient, AdminServiceDefinition as _chester_v1_AdminServiceDefinition } from './chester/v1/AdminService.ts';
import type { Agent as _chester_v1_Agent, Agent__Output as _chester_v1_Agent__Output } from './chester/v1/Agent.ts';
import type { AgentGroup as _chester_v1_AgentGroup, AgentGroup__Output as _chester_v1_AgentGroup__Output } from './chester/v1/AgentGroup.ts';
import type { AgentsSpec as _chester_v1_AgentsSpec, AgentsSpec__Output as _chester_v1_AgentsSpec__Output } from './chester/v1/AgentsSpec.ts';
import type { DeleteGroupRequest as _chester_v1_DeleteGroupRequest, DeleteGroupRequest__Output as _chester_v1_DeleteGroupRequest__Output } from './chester/v1/DeleteGroupRequest.ts';
import type { DeleteGroupResponse as _chester_v1_DeleteGroupResponse, DeleteGroupResponse__Output as _chester_v1_DeleteGroupResponse__Output } from './chester/v1/DeleteGroupResponse.ts';
import type { Event as _chester_v1_Event, Event__Output as _chester_v1_Event__Output } from './chester/v1/Event.ts';
import type { Fleet as _chester_v1_Fleet, Fleet__Output as _chester_v1_Fleet__Output } from './chester/v1/Fleet.ts';
import type { ForgetAgentRequest as _chester_v1_ForgetAgentRequest, ForgetAgentRequest__Output as _chester_v1_ForgetAgentRequest__Output } from './chester/v1/ForgetAgentRequest.ts';
import type { ForgetAgentResponse as _chester_v1_ForgetAgentResponse, ForgetAgentResponse__Output as _chester_v1_ForgetAgentResponse__Output } from './chester/v1/ForgetAgentResponse.ts';
import type { Gate as _chester_v1_Gate, Gate__Output as _chester_v1_Gate__Output } from './chester/v1/Gate.ts';
import type { GetGroupRequest as _chester_v1_GetGroupRequest, GetGroupRequest__Output as _chester_v1_GetGroupRequest__Output } from './chester/v1/GetGroupRequest.ts';
import type { Group as _chester_v1_Group, Group__Output as _chester_v1_Group__Output } from './chester/v1/Group.ts';
import type { GroupSpec as _chester_v1_GroupSpec, GroupSpec__Output as _chester_v1_GroupSpec__Output } from './chester/v1/GroupSpec.ts';
import type { Hold as _chester_v1_Hold, Hold__Output as _chester_v1_Hold__Output } from './chester/v1/Hold.ts';
import type { HostgroupAttributesSpec as _chester_v1_HostgroupAttributesSpec, HostgroupAttributesSpec__Output as _chester_v1_HostgroupAttributesSpec__Output } from './chester/v1/HostgroupAttributesSpec.ts';
import type { HostgroupAttributesSpecs as _chester_v1_HostgroupAttributesSpecs, HostgroupAttributesSpecs__Output as _chester_v1_HostgroupAttributesSpecs__Output } from './chester/v1/HostgroupAttributesSpecs.ts';
import type { Incident as _chester_v1_Incident, Incident__Output as _chester_v1_Incident__Output } from './chester/v1/Incident.ts';
import type { ListAgentsRequest as _chester_v1_ListAgentsRequest, ListAgentsRequest__Output as _chester_v1_ListAgentsRequest__Output } from './chester/v1/ListAgentsRequest.ts';
import type { ListAgentsResponse as _chester_v1_ListAgentsResponse, ListAgentsResponse__Output as _chester_v1_ListAgentsResponse__Output } from './chester/v1/ListAgentsResponse.ts';
import type { ListFleetsRequest as _chester_v1_ListFleetsRequest, ListFleetsRequest__Output as _chester_v1_ListFleetsRequest__Output } from './chester/v1/ListFleetsRequest.ts';
import type { ListFleetsResponse as _chester_v1_ListFleetsResponse, ListFleetsResponse__Output as _chester_v1_ListFleetsResponse__Output } from './chester/v1/ListFleetsResponse.ts';
import type { ListGroupsRequest as _chester_v1_ListGroupsRequest, ListGroupsRequest__Output as _chester_v1_ListGroupsRequest__Output } from './chester/v1/ListGroupsRequest.ts';
import type { ListGroupsResponse as _chester_v1_ListGroupsResponse, ListGroupsResponse__Output as _chester_v1_ListGroupsResponse__Output } from './chester/v1/ListGroupsResponse.ts';
import type { ListIncidentsRequest as _chester_v1_ListIncidentsRequest, ListIncidentsRequest__Output as _chester_v1_ListIncidentsRequest__Output } from './chester/v1/ListIncidentsRequest.ts';
import type { ListIncidentsResponse as _chester_v1_ListIncidentsResponse, ListIncidentsResponse__Output as _chester_v1_ListIncidentsResponse__Output } from './chester/v1/ListIncidentsResponse.ts';
import type { PutFleetRequest as _chester_v1_PutFleetRequest, PutFleetRequest__Output as _chester_v1_PutFleetRequest__Output } from './chester/v1/PutFleetRequest.ts';
import type { PutGroupRequest as _chester_v1_PutGroupRequest, PutGroupRequest__Output as _chester_v1_PutGroupRequest__Output } from './chester/v1/PutGroupRequest.ts';
import type { QueryRuleSpec as _chester_v1_QueryRuleSpec, QueryRuleSpec__Output as _chester_v1_QueryRuleSpec__Output } from './chester/v1/QueryRuleSpec.ts';
import type { Replica as _chester_v1_Replica, Replica__Output as _chester_v1_Replica__Output } from './chester/v1/Replica.ts';
import type { ReplicaTemplate as _chester_v1_ReplicaTemplate, ReplicaTemplate__Output as _chester_v1_ReplicaTemplate__Output } from './chester/v1/ReplicaTemplate.ts';
import type { RuleIdRange as _chester_v1_RuleIdRange, RuleIdRange__Output as _chester_v1_RuleIdRange__Output } from './chester/v1/RuleIdRange.ts';
import type { ScaleRequest as _chester_v1_ScaleRequest, ScaleRequest__Output as _chester_v1_ScaleRequest__Output } from './chester/v1/ScaleRequest.ts';
import type { ScalingPolicy as _chester_v1_ScalingPolicy, ScalingPolicy__Output as _chester_v1_ScalingPolicy__Output } from './chester/v1/ScalingPolicy.ts';
import type { ServerDefaults as _chester_v1_ServerDefaults, ServerDefaults__Output as _chester_v1_ServerDefaults__Output } from './chester/v1/ServerDefaults.ts';
import type { ServerLoad as _chester_v1_ServerLoad, ServerLoad__Output as _chester_v1_ServerLoad__Output } from './chester/v1/ServerLoad.ts';
import type { SetAsideMessage as _chester_v1_SetAsideMessage, SetAsideMessage__Output as _chester_v1_SetAsideMessage__Output } from './chester/v1/SetAsideMessage.ts';
import type { SlowStartSpec as _chester_v1_SlowStartSpec, SlowStartSpec__Output as _chester_v1_SlowStartSpec__Output } from './chester/v1/SlowStartSpec.ts';
import type { StaticServer as _chester_v1_StaticServer, StaticServer__Output as _chester_v1_StaticServer__Output } from './chester/v1/StaticServer.ts';
import type { UserSpec as _chester_v1_UserSpec, UserSpec__Output as _chester_v1_UserSpec__Output } from './chester/v1/UserSpec.ts';
import type { WatchEventsRequest as _chester_v1_WatchEventsRequest, WatchEventsRequest__Output as _chester_v1_WatchEventsRequest__Output } from './chester/v1/WatchEventsRequest.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  chester: {
    v1: {
      AdminService: SubtypeConstructor<typeof grpc.Client, _chester_v1_AdminServiceClient> & { service: _chester_v1_AdminServiceDefinition }
      Agent: MessageTypeDefinition<_chester_v1_Agent, _chester_v1_Agent__Output>
      AgentGroup: MessageTypeDefinition<_chester_v1_AgentGroup, _chester_v1_AgentGroup__Output>
      AgentsSpec: MessageTypeDefinition<_chester_v1_AgentsSpec, _chester_v1_AgentsSpec__Output>
      DeleteGroupRequest: MessageTypeDefinition<_chester_v1_DeleteGroupRequest, _chester_v1_DeleteGroupRequest__Output>
      DeleteGroupResponse: MessageTypeDefinition<_chester_v1_DeleteGroupResponse, _chester_v1_DeleteGroupResponse__Output>
      Event: MessageTypeDefinition<_chester_v1_Event, _chester_v1_Event__Output>
      Fleet: MessageTypeDefinition<_chester_v1_Fleet, _chester_v1_Fleet__Output>
      ForgetAgentRequest: MessageTypeDefinition<_chester_v1_ForgetAgentRequest, _chester_v1_ForgetAgentRequest__Output>
      ForgetAgentResponse: MessageTypeDefinition<_chester_v1_ForgetAgentResponse, _chester_v1_ForgetAgentResponse__Output>
      Gate: MessageTypeDefinition<_chester_v1_Gate, _chester_v1_Gate__Output>
      GetGroupRequest: MessageTypeDefinition<_chester_v1_GetGroupRequest, _chester_v1_GetGroupRequest__Output>
      Group: MessageTypeDefinition<_chester_v1_Group, _chester_v1_Group__Output>
      GroupSpec: MessageTypeDefinition<_chester_v1_GroupSpec, _chester_v1_GroupSpec__Output>
      Hold: MessageTypeDefinition<_chester_v1_Hold, _chester_v1_Hold__Output>
      HostgroupAttributesSpec: MessageTypeDefinition<_chester_v1_HostgroupAttributesSpec, _chester_v1_HostgroupAttributesSpec__Output>
      HostgroupAttributesSpecs: MessageTypeDefinition<_chester_v1_HostgroupAttributesSpecs, _chester_v1_HostgroupAttributesSpecs__Output>
      Incident: MessageTypeDefinition<_chester_v1_Incident, _chester_v1_Incident__Output>
      ListAgentsRequest: MessageTypeDefinition<_chester_v1_ListAgentsRequest, _chester_v1_ListAgentsRequest__Output>
      ListAgentsResponse: MessageTypeDefinition<_chester_v1_ListAgentsResponse, _chester_v1_ListAgentsResponse__Output>
      ListFleetsRequest: MessageTypeDefinition<_chester_v1_ListFleetsRequest, _chester_v1_ListFleetsRequest__Output>
      ListFleetsResponse: MessageTypeDefinition<_chester_v1_ListFleetsResponse, _chester_v1_ListFleetsResponse__Output>
      ListGroupsRequest: MessageTypeDefinition<_chester_v1_ListGroupsRequest, _chester_v1_ListGroupsRequest__Output>
      ListGroupsResponse: MessageTypeDefinition<_chester_v1_ListGroupsResponse, _chester_v1_ListGroupsResponse__Output>
      ListIncidentsRequest: MessageTypeDefinition<_chester_v1_ListIncidentsRequest, _chester_v1_ListIncidentsRequest__Output>
      ListIncidentsResponse: MessageTypeDefinition<_chester_v1_ListIncidentsResponse, _chester_v1_ListIncidentsResponse__Output>
      PutFleetRequest: MessageTypeDefinition<_chester_v1_PutFleetRequest, _chester_v1_PutFleetRequest__Output>
      PutGroupRequest: MessageTypeDefinition<_chester_v1_PutGroupRequest, _chester_v1_PutGroupRequest__Output>
      QueryRuleSpec: MessageTypeDefinition<_chester_v1_QueryRuleSpec, _chester_v1_QueryRuleSpec__Output>
      Replica: MessageTypeDefinition<_chester_v1_Replica, _chester_v1_Replica__Output>
      ReplicaTemplate: MessageTypeDefinition<_chester_v1_ReplicaTemplate, _chester_v1_ReplicaTemplate__Output>
      RuleIdRange: MessageTypeDefinition<_chester_v1_RuleIdRange, _chester_v1_RuleIdRange__Output>
      ScaleRequest: MessageTypeDefinition<_chester_v1_ScaleRequest, _chester_v1_ScaleRequest__Output>
      ScalingPolicy: MessageTypeDefinition<_chester_v1_ScalingPolicy, _chester_v1_ScalingPolicy__Output>
      ServerDefaults: MessageTypeDefinition<_chester_v1_ServerDefaults, _chester_v1_ServerDefaults__Output>
      ServerLoad: MessageTypeDefinition<_chester_v1_ServerLoad, _chester_v1_ServerLoad__Output>
      SetAsideMessage: MessageTypeDefinition<_chester_v1_SetAsideMessage, _chester_v1_SetAsideMessage__Output>
      SlowStartSpec: MessageTypeDefinition<_chester_v1_SlowStartSpec, _chester_v1_SlowStartSpec__Output>
      StaticServer: MessageTypeDefinition<_chester_v1_StaticServer, _chester_v1_StaticServer__Output>
      UserSpec: MessageTypeDefinition<_chester_v1_UserSpec, _chester_v1_UserSpec__Output>
      WatchEventsRequest: MessageTypeDefinition<_chester_v1_WatchEventsRequest, _chester_v1_WatchEventsRequest__Output>
    }
  }
}

