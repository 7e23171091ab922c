import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ProxySqlEmulator, startProxySqlEmulator } from '../../sandbox/proxysql/emulator.ts';

const program = `import { runAgent } from ${JSON.stringify(new URL('../../agent/main.js', import.meta.url).href)};
await runAgent(process.env);`;

/** Starts the agent as a process of its own. */
function start(env: Record<string, string>) {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...env, AGENT_ID: 'proxy-0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const said: (() => void)[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const resolve of said.splice(0)) resolve();
    });
  }
  const exited = once(child, 'close');
  return {
    child,
    text: () => text,
    exitCode: async () => {
      await exited;
      return child.exitCode;
    },
    /** Resolves to the first log line with this message. */
    line: async (message: string): Promise<Record<string, unknown>> => {
      for (;;) {
        const line = text.split('\n').find((one) => one.includes(`"msg":"${message}"`));
        if (line !== undefined) return JSON.parse(line) as Record<string, unknown>;
        await Promise.race([
          new Promise<void>((resolve) => said.push(resolve)),
          exited.then(() => assert.fail(`ended without "${message}": ${text}`)),
        ]);
      }
    },
  };
}

describe('runAgent', { timeout: 300_000 }, () => {
  let emulator: ProxySqlEmulator;
  let stateDir: string;
  before(async () => {
    stateDir = await mkdtemp(path.join(tmpdir(), 'chester-main-'));
    emulator = await startProxySqlEmulator({ port: 0, loadCost: 'none' });
  });
  after(async () => {
    await emulator.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  const env = (): Record<string, string> => ({
    COORDINATOR_ADDRESS: '127.0.0.1:1',
    CHESTER_FLEET: 'shop',
    PROXYSQL_ADMIN_PORT: String(emulator.port),
    PROXYSQL_ADMIN_USER: 'radmin',
    PROXYSQL_ADMIN_PASSWORD: 'radmin',
    STATE_DIR: stateDir,
    HTTP_PORT: '0',
  });

  it('names everything that is wrong with its environment and exits 2', async () => {
    const agent = start({ HTTP_PORT: 'x' });
    assert.equal(await agent.exitCode(), 2);
    for (const name of ['COORDINATOR_ADDRESS', 'CHESTER_FLEET', 'PROXYSQL_ADMIN_USER', 'STATE_DIR', 'HTTP_PORT']) {
      assert.match(agent.text(), new RegExp(`^chester agent: ${name} `, 'm'));
    }
  });

  it('runs without a coordinator, answers its probes and stops on SIGTERM', async () => {
    const agent = start(env());
    const started = await agent.line('agent started');
    const http = String(started['http']);
    assert.equal((await fetch(`http://${http}/healthz/live`)).status, 200);
    assert.equal((await fetch(`http://${http}/healthz/ready`)).status, 503);
    await agent.line('stream to the coordinator ended');
    assert.match(await (await fetch(`http://${http}/metrics`)).text(), /^chester_agent_stream_connected 0$/m);
    agent.child.kill('SIGTERM');
    assert.equal(await agent.exitCode(), 0);
  });

  it('never logs the password, also when it is wrong', async () => {
    const agent = start({ ...env(), PROXYSQL_ADMIN_PASSWORD: 'hunter2', LOG_LEVEL: 'debug' });
    const line = await agent.line('applying has to wait');
    assert.equal(line['code'], 'ADMIN_LOGIN_REFUSED');
    agent.child.kill('SIGTERM');
    assert.equal(await agent.exitCode(), 0);
    assert.doesNotMatch(agent.text(), /hunter2/);
  });

  it('exits 1 when it cannot keep its state', async () => {
    const agent = start({ ...env(), STATE_DIR: '/dev/null/state' });
    assert.equal(await agent.exitCode(), 1);
    assert.match(agent.text(), /SNAPSHOT_FILE_FAILED/);
  });
});
