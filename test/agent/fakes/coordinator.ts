import { once } from 'node:events';
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import type { AgentMessage__Output } from '../../../proto/gen/chester/v1/AgentMessage.ts';
import type { CoordinatorMessage } from '../../../proto/gen/chester/v1/CoordinatorMessage.ts';
import { loadChesterV1 } from '../../../proto/load.ts';

type Call = ServerDuplexStream<AgentMessage__Output, CoordinatorMessage>;
type Waiter = { readonly wants: (message: AgentMessage__Output) => boolean; readonly resolve: () => void };

/** One agent's stream, as the coordinator sees it: sends what the test says, remembers what the agent says. */
export class AgentCall {
  readonly received: AgentMessage__Output[] = [];
  readonly ended: Promise<unknown>;
  readonly #call: Call;
  #waiters: Waiter[] = [];

  constructor(call: Call) {
    this.#call = call;
    this.ended = once(call, 'end');
    call.on('data', (message: AgentMessage__Output) => {
      this.received.push(message);
      const due = this.#waiters.filter((waiter) => waiter.wants(message));
      this.#waiters = this.#waiters.filter((waiter) => !due.includes(waiter));
      for (const waiter of due) waiter.resolve();
      // Off the rosters: that is told by ending the call.
      if (message.goodbye?.paused === true && message.goodbye.clients === 0) call.end();
    });
    call.on('end', () => {
      call.end();
    });
    call.on('error', () => undefined);
  }

  send(message: CoordinatorMessage): void {
    this.#call.write(message);
  }

  end(): void {
    this.#call.end();
  }

  /** Resolves to the first message, past or future, for which `pick` finds something. */
  async next<Found>(pick: (message: AgentMessage__Output) => Found | null | undefined | false): Promise<Found> {
    for (const message of this.received) {
      const found = pick(message);
      if (found !== null && found !== undefined && found !== false) return found;
    }
    await new Promise<void>((resolve) => {
      this.#waiters.push({ wants: (message) => Boolean(pick(message)), resolve });
    });
    return this.next(pick);
  }
}

/** A coordinator that speaks AgentService and decides nothing. */
export class TestCoordinator {
  readonly calls: AgentCall[] = [];
  readonly #server = new Server();
  #arrived: (() => void)[] = [];

  constructor() {
    this.#server.addService(loadChesterV1().AgentService.service, {
      Connect: (call: Call) => {
        this.calls.push(new AgentCall(call));
        for (const resolve of this.#arrived.splice(0)) resolve();
      },
    });
  }

  async start(port = 0): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
  }

  /** Resolves to the n-th stream that ever came. */
  async call(index: number): Promise<AgentCall> {
    while (this.calls[index] === undefined) {
      await new Promise<void>((resolve) => this.#arrived.push(resolve));
    }
    return this.calls[index];
  }

  stop(): void {
    this.#server.forceShutdown();
  }
}
