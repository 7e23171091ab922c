import type { handleBidiStreamingCall, ServerDuplexStream } from '@grpc/grpc-js';
import { status as grpcStatus } from '@grpc/grpc-js';
import type { Logger } from '../../../process/log.ts';
import type { AgentMessage__Output } from '../../../proto/gen/chester/v1/AgentMessage.ts';
import { undecodable } from '../lenient-service.ts';
import type { AgentGate, AgentRefusal } from './agent-gate.ts';
import { shownByCall } from './grpc-shown.ts';

export type AgentGuardDeps = { readonly gate: AgentGate; readonly log: Logger };

type Connect<Answer> = handleBidiStreamingCall<AgentMessage__Output, Answer>;
type Call<Answer> = ServerDuplexStream<AgentMessage__Output, Answer>;

const textMax = 300;
const unreadable = { code: grpcStatus.INVALID_ARGUMENT, details: 'what came is no AgentMessage' };

/**
 * Puts the gate before AgentService.Connect: what an agent proved on its connection is compared with the first message,
 * its Hello, before the handler sees that one. Nothing else reaches the handler meanwhile.
 */
export function guardConnect<Answer>(deps: AgentGuardDeps, connect: Connect<Answer>): Connect<Answer> {
  return (call) => {
    const emit = call.emit.bind(call);
    const emitReadable = (event: string | symbol, ...values: unknown[]): boolean =>
      event === 'data' && values[0] === undecodable ? emit('error', unreadable) : emit(event, ...values);
    call.emit = (event: string | symbol, ...values: unknown[]): boolean => {
      if (event !== 'data' || values[0] === undecodable) return emitReadable(event, ...values);
      call.pause();
      const [first] = values as [AgentMessage__Output];
      void judge(deps, call, first).then((refusal) => {
        call.emit = emitReadable;
        if (call.cancelled || call.destroyed) return;
        if (refusal === null) {
          // The handler may pause it again.
          call.resume();
          emit('data', first);
        } else {
          emit('error', refusal);
        }
      });
      return true;
    };
    connect(call);
  };
}

async function judge<Answer>(
  { gate, log }: AgentGuardDeps,
  call: Call<Answer>,
  { hello }: AgentMessage__Output,
): Promise<AgentRefusal | null> {
  // What is no Hello is turned away by the handler.
  if (hello === null || hello === undefined) return null;
  const shown = shownByCall(call);
  try {
    const { fleet, cell, podUid } = hello;
    const refusal = await gate.refuse(shown, {
      fleet: fleet.slice(0, textMax),
      cell: cell.slice(0, textMax),
      podUid: podUid.slice(0, textMax),
    });
    if (refusal !== null) {
      log.warn(
        { agentId: hello.agentId.slice(0, textMax), source: shown.source, reason: refusal.details },
        'agent refused',
      );
    }
    return refusal;
  } catch (error) {
    log.error({ err: error }, 'an agent could not be judged');
    return { code: grpcStatus.UNAVAILABLE, details: 'the coordinator cannot say who this is now; try again' };
  }
}
