import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const bundle = fileURLToPath(new URL('../../chester', import.meta.url));

describe('the bundled chester, away from its packages', { timeout: 300_000 }, () => {
  let folder: string;
  let coordinator: ChildProcess;
  let addresses: { readonly http: string; readonly grpc: string };
  let log = '';

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'chester-bundle-'));
    await cp(bundle, folder, { recursive: true });
    coordinator = spawn(process.execPath, [path.join(folder, 'lib/bin/chester.js'), 'coordinator'], {
      cwd: folder,
      env: { STATE_FILE: path.join(folder, 'state.sqlite'), HTTP_PORT: '0', GRPC_PORT: '0', HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    coordinator.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const [first] = (await Promise.race([once(coordinator.stdout!, 'data'), once(coordinator, 'exit')])) as unknown[];
    assert.ok(Buffer.isBuffer(first), log);
    addresses = JSON.parse(first.toString()) as typeof addresses;
  });
  after(async () => {
    if (coordinator.exitCode === null) {
      coordinator.kill('SIGKILL');
      await once(coordinator, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  });

  const chester = (...args: readonly string[]) =>
    spawnSync(process.execPath, [path.join(folder, 'lib/bin/chester.js'), ...args], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 30_000,
    });

  it('answers its probes, with the embedded store', async () => {
    for (const probe of ['started', 'live', 'ready']) {
      assert.equal((await fetch(`http://${addresses.http}/healthz/${probe}`)).status, 200, probe);
    }
    assert.match(await (await fetch(`http://${addresses.http}/metrics`)).text(), /^chester_lease_held 1$/m);
  });

  it('answers its command line over gRPC', () => {
    const { status, stdout, stderr } = chester('status', '--coordinator', addresses.grpc);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^GROUPS$/m);
  });

  it('has its version, and what each daemon takes', () => {
    assert.match(chester('--version').stdout, /^\d+\.\d+\.\d+$/m);
    assert.match(chester('injector', '--help').stdout, /AGENT_IMAGE/);
  });

  it('has what is only imported when it is needed', async () => {
    const chunks = await readdir(path.join(folder, 'lib/bin'));
    const chunk = chunks.find((name) => name.startsWith('pubsub-'));
    assert.ok(chunk !== undefined, `no chunk with Pub/Sub among ${chunks.length}`);
    const use = `import(${JSON.stringify(path.join(folder, 'lib/bin', chunk))}).then(({ PubSub, Duration }) => {
      const client = new PubSub({ projectId: 'p' });
      console.log(client.subscription('s').name, Duration.from({ seconds: 1 }).milliseconds);
    })`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', use], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 30_000,
    });
    assert.equal(stdout.trim(), 'projects/p/subscriptions/s 1000', stderr);
  });

  it('ends on SIGTERM', async () => {
    coordinator.kill('SIGTERM');
    const [code] = (await once(coordinator, 'exit')) as [number];
    assert.equal(code, 0, log);
  });
});
