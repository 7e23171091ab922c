import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { chesterProgram } from '../bundled-program.ts';
import { TestAdminServer } from './admin-server.ts';

type Ended = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };

/** A `chester` process, with what it wrote so far. */
class Chester {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.process = spawn(process.execPath, [chesterProgram, ...args], { env, stdio: 'pipe' });
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = once(this.process, 'close').then(([exitCode]) => ({
      exitCode: exitCode as number | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
  }

  /** Resolves when stdout or stderr satisfies `wants`; rejects when the process ends before. */
  async until(wants: (chester: Chester) => boolean): Promise<void> {
    const ended = this.ended.then(() => 'ended' as const);
    while (!wants(this)) {
      const outputs = [this.process.stdout, this.process.stderr].filter((stream) => stream !== null);
      const what = await Promise.race([ended, ...outputs.map((stream) => once(stream, 'data'))]);
      if (what === 'ended' && !wants(this)) throw new Error(`ended early: ${this.stdout}${this.stderr}`);
    }
  }
}

describe('the chester process', () => {
  const running: Chester[] = [];
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'chester-process-'));
  });
  after(() => rm(folder, { recursive: true }));
  afterEach(async () => {
    for (const chester of running.splice(0)) {
      chester.process.kill('SIGKILL');
      await chester.ended;
    }
  });

  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const chester = new Chester(args, env);
    running.push(chester);
    return chester;
  };
  const startCoordinator = async (grpcPort = '0') => {
    const coordinator = start(['coordinator'], {
      STATE_FILE: path.join(folder, 'store.sqlite'),
      HTTP_PORT: '0',
      GRPC_PORT: grpcPort,
      CLOUDSQL_ROOT_URL: 'http://127.0.0.1:9/',
      CHESTER_SECRET_GATE: 'gate',
      LOG_LEVEL: 'silent',
    });
    await coordinator.until(({ stdout }) => stdout.includes('\n'));
    const { grpc } = JSON.parse(coordinator.stdout) as { readonly grpc: string };
    return { coordinator, address: grpc };
  };

  it('declares, shows and deletes a group at a real coordinator, and watches it across its restart', async () => {
    const first = await startCoordinator();
    const env = { CHESTER_COORDINATOR: first.address };
    const chester = (...args: string[]) => start(args, env).ended;

    const put = await chester('groups', 'put', '-f', 'examples/groups.yaml');
    assert.deepEqual([put.stderr, put.exitCode], ['', 0]);
    assert.match(put.stdout, /^fleet main stored, cell default\ngroup orders stored, version \d+\n$/);

    const watch = start(['watch', '--from-start'], env);
    await watch.until(({ stdout }) => stdout.includes('  CREATED  '));

    const got = await chester('groups', 'get', 'orders');
    assert.match(got.stdout, /^primary: orders-primary$/m);
    const again = start(['groups', 'put', '-f', '-', '--expected-version', '999'], env);
    again.process.stdin?.end(got.stdout);
    assert.match((await again.ended).stderr, /^group orders is at version \d+, not 999\n$/);

    const bad = start(['groups', 'put', '-f', '-'], env);
    bad.process.stdin?.end(got.stdout.replace('replicasMax: 3', 'replicasMax: -1'));
    const refused = await bad.ended;
    assert.equal(refused.exitCode, 2);
    assert.match(refused.stderr, /^stdin: policy\.replicasMax is -1; allowed: at least 0$/m);

    const { groups } = JSON.parse((await chester('status', '-o', 'json')).stdout) as { groups: { spec: object }[] };
    assert.equal(groups.length, 1);
    assert.match((await chester('status')).stdout, /^orders +main +0 +0 /m);

    first.coordinator.process.kill('SIGKILL');
    await watch.until(({ stderr }) => stderr !== '');
    await startCoordinator(first.address.split(':')[1]);
    assert.deepEqual(await chester('groups', 'delete', 'orders'), {
      exitCode: 0,
      stdout: 'group orders deleted\n',
      stderr: '',
    });
    await watch.until(({ stdout }) => stdout.includes('  DELETED'));
    watch.process.kill('SIGINT');
    const { exitCode, stdout, stderr } = await watch.ended;
    assert.equal(exitCode, 0);
    assert.equal(stderr, `lost the coordinator at ${first.address}; trying again until Ctrl-C\n`);
    const numbers = [...stdout.matchAll(/ #(\d+) /g)].map(([, number]) => Number(number));
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
    );
  });

  it('ends in silence when the reader of its answer goes away', async () => {
    const server = new TestAdminServer();
    await server.start();
    try {
      server.emit({ sequence: 1, atMs: 1, message: 'first' });
      const watch = start(['watch', '--from-start'], { CHESTER_COORDINATOR: server.address });
      await watch.until(({ stdout }) => stdout.includes('\n'));
      watch.process.stdout?.destroy();
      server.emit({ sequence: 2, atMs: 2, message: 'second' });
      const { exitCode, stderr } = await watch.ended;
      assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' });
    } finally {
      server.stop();
    }
  });

  for (const emulator of ['cloudsql', 'proxysql']) {
    it(`says where the ${emulator} sandbox answers, stops on SIGTERM, and fails when its port is taken`, async () => {
      const sandbox = start(['sandbox', emulator, '--port', '0']);
      await sandbox.until(({ stdout }) => stdout.includes('\n'));
      const port = /^\{"address":"127\.0\.0\.1:(\d+)"\}\n$/.exec(sandbox.stdout)?.[1];
      assert(port !== undefined, sandbox.stdout);
      const second = await start(['sandbox', emulator, '--port', port]).ended;
      assert.equal(second.exitCode, 1);
      assert.equal(second.stdout, '');
      assert.match(
        second.stderr,
        new RegExp(`^chester sandbox ${emulator} did not start: [^\\n]*EADDRINUSE[^\\n]*\\n$`),
      );
      sandbox.process.kill('SIGTERM');
      assert.equal((await sandbox.ended).exitCode, 0);
    });
  }
});
