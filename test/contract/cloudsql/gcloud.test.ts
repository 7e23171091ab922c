import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { type CloudSqlEmulator, startCloudSqlEmulator } from '../../../sandbox/cloudsql/emulator.ts';

const run = promisify(execFile);

/** Whether Google's own command can be asked here. */
async function findGcloud(): Promise<string | false> {
  try {
    await run('gcloud', ['--version'], { timeout: 30_000 });
    return false;
  } catch {
    return 'SKIPPED: gcloud is not on the PATH, so the emulator is not held to it';
  }
}

describe('gcloud on the emulator', { skip: await findGcloud(), timeout: 300_000 }, () => {
  let emulator: CloudSqlEmulator;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'chester-gcloud-'));
    emulator = await startCloudSqlEmulator({
      primaries: [{ name: 'orders-primary' }],
      mysqlPort: 36063,
      addressPrefix: '127.63',
      createMs: 100,
      deleteMs: 50,
      operationPendingMs: 20,
    });
  });
  after(async () => {
    await emulator.close();
    await rm(folder, { recursive: true });
  });

  /** Runs `gcloud sql instances …` without credentials, questions or anybody else's configuration. */
  async function instances(...args: readonly string[]): Promise<string> {
    const env = {
      PATH: process.env['PATH'],
      HOME: folder,
      CLOUDSDK_CONFIG: folder,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_SQL: emulator.url,
      CLOUDSDK_AUTH_DISABLE_CREDENTIALS: 'true',
      CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: 'true',
      CLOUDSDK_CORE_DISABLE_PROMPTS: 'true',
      CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
      CLOUDSDK_CORE_PROJECT: 'demo',
    };
    const { stdout } = await run('gcloud', ['sql', 'instances', ...args], { env, timeout: 60_000 });
    return stdout.trim();
  }

  it('lists, creates, describes, protects and deletes', async () => {
    assert.equal(await instances('list', '--format=value(name,state)'), 'orders-primary\tRUNNABLE');
    await instances('create', 'orders-read-2', '--master-instance-name=orders-primary', '--deletion-protection');
    const described = await instances(
      'describe',
      'orders-read-2',
      '--format=value(instanceType,masterInstanceName,databaseVersion,settings.tier,state)',
    );
    const expected = ['READ_REPLICA_INSTANCE', 'demo:orders-primary', 'MYSQL_8_0', 'db-custom-2-8192', 'RUNNABLE'];
    assert.deepEqual(described.split('\t'), expected);
    await assert.rejects(instances('delete', 'orders-read-2', '--quiet'), /The instance is protected/);
    await instances('patch', 'orders-read-2', '--no-deletion-protection', '--quiet');
    await instances('delete', 'orders-read-2', '--quiet');
    assert.equal(await instances('list', '--format=value(name)'), 'orders-primary');
    const again = instances('create', 'orders-read-2', '--master-instance-name=orders-primary');
    await assert.rejects(again, /until one week|already exists|in use/i);
  });
});
