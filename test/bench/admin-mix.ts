/** The clients of `make bench-admin`, in a process of their own: starts a call every 1/500 s, whatever the earlier ones do. */
import assert from 'node:assert/strict';
import { type Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { loadChesterV1 } from '../../proto/load.ts';
import { scale, specOf } from './admin-groups.ts';

type Ask = (request: object, metadata: Metadata, done: (error: ServiceError | null, answer: unknown) => void) => void;
export type Asker = (method: string, request: object) => Promise<unknown>;

/** Calls methods with a token. */
export function asker(client: Client, token: string): Asker {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  return (method, request) =>
    new Promise<unknown>((resolve, reject) => {
      const call = (client as unknown as Record<string, Ask>)[method];
      assert(call);
      call.call(client, request, metadata, (error, answer) => {
        if (error === null) resolve(answer);
        else reject(error);
      });
    });
}

/** What the clients saw. */
export type MixReport = { readonly total: number; readonly rate: number; readonly errors: readonly string[] };

/** Of twenty calls three change something, two list, one plans, fourteen look at a group. */
function callOf(ask: Asker, n: number): Promise<unknown> {
  const index = (n * 37) % scale.groups;
  const { name } = specOf(index);
  switch (n % 20) {
    case 0:
      return ask('putGroup', { spec: specOf(index, { policy: { replicasMax: 3 + (n % 5) } }) });
    case 1:
      return ask('pause', { group: name, direction: 'in', owner: 'bench', reason: 'bench' });
    case 2:
      return ask('resume', { group: name, direction: 'in' });
    case 3:
    case 4:
      return ask('listGroups', { pageSize: 10, nameContains: name.slice(0, 8) });
    case 5:
      return ask('planGroups', { groups: [specOf(index, { policy: { replicasMax: 9 } })] });
    default:
      return ask('getGroup', { name });
  }
}

async function mix(ask: Asker, seconds: number): Promise<MixReport> {
  const total = scale.callsPerSecond * seconds;
  const errors: string[] = [];
  const running: Promise<unknown>[] = [];
  const startedMs = performance.now();
  for (let n = 0; n < total; n += 1) {
    running.push(callOf(ask, n).catch((error: unknown) => errors.push(String(error))));
    const aheadMs = startedMs + ((n + 1) * 1000) / scale.callsPerSecond - performance.now();
    if (aheadMs > 1) await new Promise((resolve) => setTimeout(resolve, aheadMs));
    else if (n % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(running);
  return { total, rate: total / ((performance.now() - startedMs) / 1000), errors };
}

const [address, token, seconds] = process.argv.slice(2);
if (address !== undefined && token !== undefined && process.send !== undefined) {
  const { AdminService } = loadChesterV1();
  const client = new AdminService(address, credentials.createInsecure());
  const ask = asker(client, token);
  await ask('listGroups', { pageSize: 1 });
  process.send('ready');
  process.send(await mix(ask, Number(seconds)));
  client.close();
  process.disconnect();
}
