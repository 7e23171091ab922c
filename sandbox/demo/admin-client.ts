import {
  type ChannelCredentials,
  type ChannelOptions,
  type ClientReadableStream,
  credentials,
  type ServiceError,
} from '@grpc/grpc-js';
import type { AdminServiceClient } from '../../proto/gen/chester/v1/AdminService.ts';
import type { Agent__Output } from '../../proto/gen/chester/v1/Agent.ts';
import type { Event__Output } from '../../proto/gen/chester/v1/Event.ts';
import type { Group__Output } from '../../proto/gen/chester/v1/Group.ts';
import type { GroupSpec } from '../../proto/gen/chester/v1/GroupSpec.ts';
import { loadChesterV1 } from '../../proto/load.ts';

const deadlineMs = 20_000;

/** The calls of AdminService that the demo and the system tests make, as promises with a deadline. */
export class AdminClient {
  readonly #client: AdminServiceClient;

  constructor(
    address: string,
    channelCredentials: ChannelCredentials = credentials.createInsecure(),
    channelOptions: ChannelOptions = {},
  ) {
    this.#client = new (loadChesterV1().AdminService)(address, channelCredentials, channelOptions);
  }

  close(): void {
    this.#client.close();
  }

  async putFleet(name: string, variables: Readonly<Record<string, string>> = {}): Promise<void> {
    await promised((done) => this.#client.PutFleet({ fleet: { name, cell: 'default', variables } }, options(), done));
  }

  putGroup(spec: GroupSpec): Promise<Group__Output> {
    return promised((done) => this.#client.PutGroup({ spec, expectedVersion: 0 }, options(), done));
  }

  getGroup(name: string): Promise<Group__Output> {
    return promised((done) => this.#client.GetGroup({ name }, options(), done));
  }

  async listAgents(): Promise<readonly Agent__Output[]> {
    const { agents } = await promised<{ readonly agents: readonly Agent__Output[] }>((done) =>
      this.#client.ListAgents({}, options(), done),
    );
    return agents;
  }

  async retireCell(cell: string, by: { readonly owner: string; readonly reason: string }): Promise<void> {
    await promised((done) => this.#client.RetireCell({ cell, ...by }, options(), done));
  }

  async forgetAgent(agentId: string, reason: string): Promise<void> {
    await promised((done) => this.#client.ForgetAgent({ agentId, reason }, options(), done));
  }

  /** Watches events after a sequence; 0 begins with the oldest kept. */
  watch(group: string, afterSequence: number): ClientReadableStream<Event__Output> {
    return this.#client.WatchEvents({ group, afterSequence, newOnly: false });
  }
}

function options(): { deadline: Date } {
  return { deadline: new Date(Date.now() + deadlineMs) };
}

function promised<T>(call: (done: (error: ServiceError | null, value?: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => {
      if (error !== null) reject(error);
      else if (value === undefined) reject(new Error('an empty answer'));
      else resolve(value);
    });
  });
}
