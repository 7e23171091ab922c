import assert from 'node:assert/strict';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'node:test';
import {
  Client,
  type ClientDuplexStream,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { service as healthService } from 'grpc-health-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
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
