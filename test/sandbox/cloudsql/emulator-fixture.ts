import { OAuth2Client } from 'google-auth-library';
import { sqladmin, type sqladmin_v1 } from 'googleapis/build/src/apis/sqladmin/index.js';
import {
  type CloudSqlEmulator,
  type CloudSqlEmulatorOptions,
  startCloudSqlEmulator,
} from '../../../sandbox/cloudsql/emulator.ts';

export const project = 'demo';
export const quick: Partial<CloudSqlEmulatorOptions> = {
  project,
  primaries: [{ name: 'orders', replicas: [{ name: 'orders-static' }] }],
  createMs: 20,
  deleteMs: 20,
  patchMs: 10,
  operationPendingMs: 10,
  // Files run side by side, and none may take over what another one has just left.
  mysqlPort: 10_000 + (process.pid % 20_000),
  addressPrefix: '127.31',
};
export const requestBody: sqladmin_v1.Schema$DatabaseInstance = {
  masterInstanceName: 'orders',
  databaseVersion: 'MYSQL_8_0',
  region: 'europe-west1',
  settings: {
    tier: 'db-custom-2-8192',
    ipConfiguration: { ipv4Enabled: false, privateNetwork: 'projects/demo/global/networks/default' },
    userLabels: { 'chester-install': 'test' },
  },
};

export type SqlAdmin = sqladmin_v1.Sqladmin;
type Failure = Error & {
  status?: number;
  code?: unknown;
  response?: { data: { error: { errors: { reason: string }[] } } };
};

export function clientFor(emulator: CloudSqlEmulator): SqlAdmin {
  const auth = new OAuth2Client();
  auth.setCredentials({ access_token: 'fake-token' });
  return sqladmin({ version: 'v1', auth, rootUrl: emulator.url, timeout: 30_000 });
}

export async function failureOf(call: Promise<unknown>): Promise<Failure> {
  try {
    await call;
  } catch (error) {
    return error as Failure;
  }
  throw new Error('the call was expected to fail');
}

/** Asks until `ask` gives something; the emulator's own times are milliseconds. */
export async function eventually<Value>(ask: () => Promise<Value | null> | Value | null): Promise<Value> {
  for (const startedMs = Date.now(); Date.now() - startedMs < 30_000;) {
    const found = await ask();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('it did not come in time');
}

export async function untilDone(client: SqlAdmin, operation: string): Promise<sqladmin_v1.Schema$Operation> {
  return eventually(async () => {
    const { data } = await client.operations.get({ project, operation });
    return data.status === 'DONE' ? data : null;
  });
}

export async function createReplica(client: SqlAdmin, name: string): Promise<string> {
  const inserted = await client.instances.insert({ project, requestBody: { ...requestBody, name } });
  await untilDone(client, inserted.data.name!);
  const { data } = await client.instances.get({ project, instance: name });
  return data.ipAddresses!.find(({ type }) => type === 'PRIVATE')!.ipAddress!;
}

export async function startDisposable(
  options: Partial<CloudSqlEmulatorOptions>,
): Promise<AsyncDisposable & { readonly emulator: CloudSqlEmulator }> {
  const emulator = await startCloudSqlEmulator(options);
  return { emulator, [Symbol.asyncDispose]: () => emulator.close() };
}
