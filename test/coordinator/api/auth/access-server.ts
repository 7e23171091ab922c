import { createHash, scryptSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ChannelCredentials, type Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { type Access, composeAccess } from '../../../../coordinator/compose/access.ts';
import { parseAccessConfig } from '../../../../coordinator/config-access.ts';
import { callerOf } from '../../../../coordinator/api/auth/admin-guard.ts';
import { adminMethods } from '../../../../coordinator/api/auth/admin-methods.ts';
import { GrpcServer } from '../../../../coordinator/api/grpc-server.ts';
import { EnvironmentReader } from '../../../../process/environment.ts';
import type { Logger } from '../../../../process/log.ts';
import { createMetrics } from '../../../../process/metrics.ts';
import type { AgentMessage__Output } from '../../../../proto/gen/chester/v1/AgentMessage.ts';
import type { CoordinatorMessage } from '../../../../proto/gen/chester/v1/CoordinatorMessage.ts';
import { loadChesterV1 } from '../../../../proto/load.ts';
import { FakeStore } from '../../../fakes/fake-store.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const { AdminService, AgentService } = loadChesterV1();
type AdminClient = InstanceType<typeof AdminService>;
type Call = { readonly request: Record<string, unknown> };
type Done = (error: Partial<ServiceError> | null, answer?: unknown) => void;

export const tokenOf = (name: string) => `cht_${name.repeat(8)}`;
export const digestOf = (token: string) => createHash('sha256').update(token).digest('hex');
const salt = Buffer.alloc(16, 7);
export const hashOf = (password: string) =>
  `scrypt:16384:8:1:${salt.toString('base64url')}:${scryptSync(password, salt, 32, { N: 16_384 }).toString('base64url')}`;

/** Everything that stands before the handlers, over handlers that know the groups `orders` and `users`. */
export class AccessServer {
  readonly store = new FakeStore();
  readonly clock = new FakeClock();
  readonly registry = createMetrics();
  readonly logged: string[] = [];
  readonly handled: string[] = [];
  readonly callers: (string | undefined)[] = [];
  access!: Access;
  #grpc!: GrpcServer;
  #dir = '';
  readonly #clients: Client[] = [];

  /** Starts with such an environment and such files beside each other; a variable's value may be `{dir}/file`. */
  async start(env: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}): Promise<this> {
    this.#dir = await mkdtemp(path.join(tmpdir(), 'chester-access-'));
    for (const [name, text] of Object.entries(files)) await this.write(name, text);
    const entries = Object.entries(env).map(([name, value]) => [name, value.replace('{dir}', this.#dir)] as const);
    const reader = new EnvironmentReader(Object.fromEntries(entries));
    const config = parseAccessConfig(reader, env['LISTEN_HOST'] ?? '127.0.0.1');
    if (reader.problems.length > 0) throw new Error(reader.problems.join('\n'));
    const log = this.#log();
    this.access = composeAccess(config, { store: this.store, clock: this.clock, log, registry: this.registry });
    for (const component of this.access.components) await component.start();
    const admin = this.access.guardAdmin(this.#handlers());
    const connect = this.access.guardConnect<CoordinatorMessage>((call) => {
      call.on('data', ({ message }: AgentMessage__Output) => {
        this.handled.push(message ?? '');
        call.write({ welcome: { coordinatorId: 'c1', epoch: 1 }, message: 'welcome' });
      });
      call.on('error', () => undefined);
    });
    const { credentials: serverCredentials } = this.access;
    this.#grpc = new GrpcServer({ agent: { connect }, admin }, log, {
      host: '127.0.0.1',
      port: 0,
      credentials: serverCredentials,
    });
    await this.#grpc.start();
    return this;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#grpc.stop();
    for (const component of [...this.access.components].reverse()) await component.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(path.join(this.#dir, name), text);
  }

  file(name: string): string {
    return path.join(this.#dir, name);
  }

  get address(): string {
    return `127.0.0.1:${this.#grpc.port}`;
  }

  get log(): string {
    return this.logged.join('\n');
  }

  admin(channel: ChannelCredentials = credentials.createInsecure()): AdminClient {
    const client = new AdminService(this.address, channel, { 'grpc.use_local_subchannel_pool': 1 });
    this.#clients.push(client);
    return client;
  }

  agent(channel: ChannelCredentials = credentials.createInsecure()): InstanceType<typeof AgentService> {
    const client = new AgentService(this.address, channel, { 'grpc.use_local_subchannel_pool': 1 });
    this.#clients.push(client);
    return client;
  }

  #handlers(): never {
    const groups = [{ spec: { name: 'orders' } }, { spec: { name: 'users' } }];
    const answers: Record<string, (request: Record<string, unknown>) => unknown> = {
      ListGroups: () => ({ groups }),
      GetGroup: ({ name }) => groups.find(({ spec }) => spec.name === name) ?? null,
    };
    const unary = (method: string) => (call: Call, done: Done) => {
      this.handled.push(method);
      this.callers.push(callerOf(call)?.name);
      const answer = (answers[method] ?? (() => ({})))(call.request);
      if (answer === null) done({ code: status.NOT_FOUND, details: 'group is not declared' });
      else done(null, answer);
    };
    const watch = (call: { write: (event: unknown) => boolean; end: () => void }) => {
      for (const group of ['orders', 'users', '']) call.write({ group, kind: 'GROUP', sequence: 1 });
      call.end();
    };
    const methods = Object.keys(adminMethods).map((method) => [
      method,
      method === 'WatchEvents' ? watch : unary(method),
    ]);
    return Object.fromEntries(methods) as never;
  }

  #log(): Logger {
    const take = (...values: unknown[]) => void this.logged.push(JSON.stringify(values));
    return { debug: take, info: take, warn: take, error: take };
  }
}

/** What a caller shows. */
export function showing(headers: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

export const bearer = (token: string) => showing({ authorization: `Bearer ${token}` });
export const basic = (login: string) => showing({ authorization: `Basic ${Buffer.from(login).toString('base64')}` });

/** Calls a unary method of AdminService; resolves with its code and text, and the answer. */
export function ask(
  client: AdminClient,
  method: string,
  request: unknown,
  metadata = new Metadata(),
): Promise<{ code: string; details: string; answer: Record<string, unknown> | undefined }> {
  const name = method[0]!.toLowerCase() + method.slice(1);
  const call = (client as unknown as Record<string, (...args: unknown[]) => void>)[name]!.bind(client);
  return new Promise((resolve) => {
    call(request, metadata, { deadline: Date.now() + 120_000 }, (error: ServiceError | null, answer: never) => {
      resolve({ code: error === null ? 'OK' : status[error.code], details: error?.details ?? '', answer });
    });
  });
}
