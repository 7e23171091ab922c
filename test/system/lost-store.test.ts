import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { chesterProgram } from '../bundled-program.ts';
import { type RedisServer, startRedis, withoutRedis } from '../redis-servers.ts';

/** A whole `chester coordinator` whose Redis goes away and comes back, twice: killed, and frozen. */
describe('a coordinator without its store', { timeout: 300_000, skip: withoutRedis }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'chester-lost-store-'));
  const options = ['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always'];
  let redis: RedisServer;
  let coordinator: ChildProcess;
  let output = '';
  let log = '';
  let http = '';

  before(async () => {
    redis = await startRedis(options);
    const env = {
      ...{ PATH: process.env['PATH'] ?? '', REDIS_URL: `redis://127.0.0.1:${redis.port}`, REDIS_DEADLINE_MS: '500' },
      ...{ HTTP_PORT: '0', GRPC_PORT: '0', LEASE_TTL_MS: '2000', CLOUDSQL_ROOT_URL: 'http://127.0.0.1:1/' },
    };
    coordinator = spawn(process.execPath, [chesterProgram, 'coordinator'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    coordinator.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    coordinator.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await until('the coordinator to listen', () => Promise.resolve(output.includes('\n')));
    http = `http://${(JSON.parse(output) as { http: string }).http}`;
  });

  after(async () => {
    if (coordinator.exitCode === null) {
      const closed = once(coordinator, 'close');
      coordinator.kill('SIGKILL');
      await closed;
    }
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const endMs = performance.now() + 60_000;
    while (!(await isSo())) {
      assert(coordinator.exitCode === null && coordinator.signalCode === null, `the coordinator ended:\n${log}`);
      assert(performance.now() < endMs, `waited in vain for ${what}:\n${log}`);
      await pause(50);
    }
  }

  const statusOf = async (place: string, body?: string): Promise<number> => {
    const init = body === undefined ? {} : { method: 'POST', body, headers: { 'content-type': 'application/json' } };
    return (await fetch(`${http}${place}`, init)).status;
  };
  const alert = (): Promise<number> =>
    statusOf('/webhooks/monitoring', '{"incident":{"incident_id":"x","state":"open"}}');
  const holds = async (): Promise<boolean> =>
    (await (await fetch(`${http}/metrics`)).text()).includes('\nchester_lease_held 1');

  const faults: readonly { readonly name: string; readonly take: () => void; readonly give: () => Promise<void> }[] = [
    {
      name: 'was killed',
      take: () => {
        redis.kill('SIGKILL');
      },
      give: async () => {
        await redis.stop();
        redis = await startRedis(options, redis.port);
      },
    },
    {
      name: 'was frozen',
      take: () => {
        redis.kill('SIGSTOP');
      },
      give: () => {
        redis.kill('SIGCONT');
        return Promise.resolve();
      },
    },
  ];
  for (const { name, take, give } of faults) {
    it(`says so while Redis ${name}, lives on, takes no alert that it cannot keep, and decides again`, async () => {
      await until('the lease', holds);
      assert.equal(await statusOf('/healthz/ready'), 200);
      const taken = await alert();
      take();
      await until('the probe to say so', async () => (await statusOf('/healthz/ready')) === 503);
      assert.equal(await statusOf('/healthz/live'), 200);
      assert.equal(await alert(), 503);
      await until('the lease to end', async () => !(await holds()));
      await give();
      await until('the probe to be well', async () => (await statusOf('/healthz/ready')) === 200);
      await until('the lease again', holds);
      assert.equal(await alert(), taken);
    });
  }
});
