import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'node:test';
import {
  Client,
  type ClientDuplexStream,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  type Server,
  type ServiceClientConstructor,
  status,
  type StatusObject,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { HealthImplementation, service as healthService } from 'grpc-health-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addHealth, addReflection } from '../../../coordinator/api/public-services.ts';
import { TestServer } from './server.ts';

/** The part of gRPC's reflection protocol that lists services. */
const reflectionProto = `syntax = "proto3";
package grpc.reflection.v1;
service ServerReflection { rpc ServerReflectionInfo(stream Request) returns (stream Response); }
message Request { oneof message_request { string list_services = 7; string file_containing_symbol = 4; } }
message Response { oneof message_response { ListService list_services_response = 6; Files file_descriptor_response = 4; } }
message ListService { repeated Service service = 1; }
message Service { string name = 1; }
message Files { repeated bytes file_descriptor_proto = 1; }
`;

type Answer = {
  list_services_response?: { service: { name: string }[] };
  file_descriptor_response?: { file_descriptor_proto: Buffer[] };
};

let server: TestServer;
before(async () => {
  server = await new TestServer().start();
});
after(() => server.stop());

const same = (bytes: Buffer): Buffer => bytes;

/** Sends one message's bytes to a method of any kind, and waits for how it ends; a watch is given up after a while. */
async function exchange(
  client: Client,
  method: string,
  bytes: Buffer,
  deadlineMs = 1000,
): Promise<{ code: string; details: string }> {
  const call = client.makeBidiStreamRequest(method, same, same, { deadline: Date.now() + deadlineMs });
  call.on('data', () => undefined);
  call.on('error', () => undefined);
  call.end(bytes);
  const { code, details } = await new Promise<StatusObject>((resolve) => call.once('status', resolve));
  return { code: status[code], details };
}

type Handlers = Readonly<Record<string, (call: unknown) => void>>;

/** The handlers that something adds to a server. */
function added(add: (server: Server) => void): Handlers {
  let taken: Handlers = {};
  const addService = (_: unknown, handlers: Handlers): void => {
    taken = handlers;
  };
  add({ addService } as never);
  return taken;
}

describe('GrpcServer', () => {
  it('answers health checks', async () => {
    const client = new Client(server.address, credentials.createInsecure());
    const definition = healthService['Check'];
    assert(definition);
    const { path: method, requestSerialize, responseDeserialize } = definition;
    const check = promisify((done: (error: Error | null, answer?: unknown) => void) =>
      client.makeUnaryRequest(method, requestSerialize, responseDeserialize, { service: '' }, done),
    );
    assert.deepEqual(await check(), { status: 'SERVING' });
    client.close();
  });

  const open = [
    '/grpc.health.v1.Health/Check',
    '/grpc.health.v1.Health/Watch',
    '/grpc.health.v1.Health/List',
    '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
  ];
  for (const method of open) {
    it(`blames the caller for bytes that are no message of ${method}, and goes on`, async () => {
      const client = new Client(server.address, credentials.createInsecure());
      for (const bytes of [Buffer.from([0xff, 0xff]), Buffer.from([0x0a, 0x7f]), Buffer.from('\x22\x09__proto__')]) {
        const { code, details } = await exchange(client, method, bytes);
        assert.ok(!['INTERNAL', 'UNKNOWN', 'CANCELLED'].includes(code), `${code} ${details}`);
      }
      client.close();
    });
  }

  it('keeps no name that a watcher of health gives, and sends none back', async () => {
    const client = new Client(server.address, credentials.createInsecure());
    const bytes = Buffer.concat([Buffer.from([0x0a, 0xac, 0x02]), Buffer.from('x'.repeat(300))]);
    const { code, details } = await exchange(client, '/grpc.health.v1.Health/Check', bytes, 20_000);
    assert.deepEqual([code, details], ['NOT_FOUND', 'Health status unknown for service unknown']);
    client.close();
    const health = new HealthImplementation({ '': 'SERVING' });
    const { watch } = added((to) => {
      addHealth(to, health);
    });
    const told: unknown[] = [];
    for (const service of ['', 'one', 'two']) {
      watch!({ request: { service }, on: () => undefined, write: (one: unknown) => told.push(one) });
    }
    assert.deepEqual(told, [{ status: 'SERVING' }, { status: 'SERVICE_UNKNOWN' }, { status: 'SERVICE_UNKNOWN' }]);
    const { watchers } = health as unknown as { readonly watchers: ReadonlyMap<string, unknown> };
    assert.deepEqual([...watchers.keys()], ['', 'unknown']);
  });

  it('stops while somebody watches events', { timeout: 10_000 }, async () => {
    const own = await new TestServer().start();
    const admin = own.admin();
    const watch = admin.watchEvents({ newOnly: true });
    watch.on('data', () => undefined);
    const ended = new Promise((resolve) => watch.once('error', resolve));
    await promisify(admin.listGroups.bind(admin) as (request: object, done: () => void) => void)({});
    await own.grpc.stop();
    await ended;
    await own.stop();
  });

  it('reads no more requests of a client that does not read the answers', () => {
    const { ServerReflectionInfo: answer } = added(addReflection);
    const signs: string[] = [];
    const call = Object.assign(new EventEmitter(), {
      write: () => false,
      pause: () => signs.push('pause'),
      resume: () => signs.push('resume'),
    });
    answer!(call);
    call.emit('data', { messageRequest: 'listServices', listServices: '*' });
    assert.deepEqual(signs, ['pause']);
    call.emit('drain');
    assert.deepEqual(signs, ['pause', 'resume']);
  });

  it('tells by reflection what it serves', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'chester-reflection-'));
    writeFileSync(path.join(folder, 'reflection.proto'), reflectionProto);
    const loaded = loadPackageDefinition(
      loadSync(path.join(folder, 'reflection.proto'), { keepCase: true, oneofs: true }),
    );
    rmSync(folder, { recursive: true });
    const { v1 } = (loaded['grpc'] as GrpcObject)['reflection'] as {
      v1: { ServerReflection: ServiceClientConstructor };
    };
    const client = new v1.ServerReflection(server.address, credentials.createInsecure());
    const ask = async (request: object): Promise<Answer> => {
      const stream = (
        client as unknown as { serverReflectionInfo: () => ClientDuplexStream<object, Answer> }
      ).serverReflectionInfo();
      stream.write(request);
      const answer = await new Promise<Answer>((resolve, reject) => {
        stream.once('data', resolve);
        stream.once('error', reject);
      });
      stream.end();
      return answer;
    };
    const names = (await ask({ list_services: '' })).list_services_response?.service.map(({ name }) => name) ?? [];
    for (const name of ['chester.v1.AgentService', 'chester.v1.AdminService'])
      assert(names.includes(name), names.join(', '));
    const files = await ask({ file_containing_symbol: 'chester.v1.AdminService' });
    assert((files.file_descriptor_response?.file_descriptor_proto.length ?? 0) > 0);
    client.close();
  });
});
