// Original file: proto/chester/v1/agent.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AgentMessage as _chester_v1_AgentMessage, AgentMessage__Output as _chester_v1_AgentMessage__Output } from '../../chester/v1/AgentMessage.ts';
import type { CoordinatorMessage as _chester_v1_CoordinatorMessage, CoordinatorMessage__Output as _chester_v1_CoordinatorMessage__Output } from '../../chester/v1/CoordinatorMessage.ts';

export interface AgentServiceClient extends grpc.Client {
  Connect(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_chester_v1_AgentMessage, _chester_v1_CoordinatorMessage__Output>;
  Connect(options?: grpc.CallOptions): grpc.ClientDuplexStream<_chester_v1_AgentMessage, _chester_v1_CoordinatorMessage__Output>;
  connect(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_chester_v1_AgentMessage, _chester_v1_CoordinatorMessage__Output>;
  connect(options?: grpc.CallOptions): grpc.ClientDuplexStream<_chester_v1_AgentMessage, _chester_v1_CoordinatorMessage__Output>;
  
}

export interface AgentServiceHandlers extends grpc.UntypedServiceImplementation {
  Connect: grpc.handleBidiStreamingCall<_chester_v1_AgentMessage__Output, _chester_v1_CoordinatorMessage>;
  
}

export interface AgentServiceDefinition extends grpc.ServiceDefinition {
  Connect: MethodDefinition<_chester_v1_AgentMessage, _chester_v1_CoordinatorMessage, _chester_v1_AgentMessage__Output, _chester_v1_CoordinatorMessage__Output>
}
