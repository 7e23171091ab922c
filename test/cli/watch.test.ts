import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import { runChester } from '../../cli/main.ts';
import { TestAdminServer } from './admin-server.ts';
import { testNowMs, TestShell } from './run.ts';

describe('chester watch', () => {
  let server: TestAdminServer;
  let shell: TestShell;

  beforeEach(async () => {
    server = new TestAdminServer();
    await server.start();
    shell = new TestShell({ env: { CHESTER_COORDINATOR: server.address } });
  });
  afterEach(() => {
    server.stop();
  });

  const happen = (sequence: number, group = 'orders', atMs = testNowMs) => {
    server.emit({ sequence, atMs, group, kind: 'REPLICA_STATE', subject: 'r1', reason: 'GATED', message: 'm' });
  };
  const numbers = () => [...shell.stdout.matchAll(/#(\d+)/g)].map(([, number]) => Number(number));
  const seen = (sequence: number) => shell.until(() => numbers().includes(sequence));

  it('prints what happens from now on, and ends with 0 on Ctrl-C', async () => {
    happen(1);
    const opened = server.nextWatch();
    const ended = runChester(['watch'], shell);
    assert.deepEqual(await opened, { group: '', afterSequence: 0, newOnly: true });
    happen(2);
    await seen(2);
    shell.interrupt();
    assert.equal(await ended, 0);
    assert.equal(shell.stdout, '2023-11-14T22:13:20.000Z  #2  orders  REPLICA_STATE  r1  GATED  m\n');
    assert.equal(shell.stderr, '');
  });

  const starts = [
    { args: ['--from-start'], afterSequence: 0, expected: [1, 2, 3] },
    { args: ['--after', '1'], afterSequence: 1, expected: [2, 3] },
    { args: ['--after', '0'], afterSequence: 0, expected: [1, 2, 3] },
  ];
  for (const { args, afterSequence, expected } of starts) {
    it(`prints what is kept, then what happens, with ${args.join(' ')}`, async () => {
      happen(1, 'orders', 1);
      happen(2, 'orders', 2);
      const opened = server.nextWatch();
      const ended = runChester(['watch', ...args], shell);
      assert.deepEqual(await opened, { group: '', afterSequence, newOnly: false });
      happen(3);
      await seen(3);
      shell.interrupt();
      await ended;
      assert.deepEqual(numbers(), expected);
    });
  }

  it('prints the events of one group as JSON lines', async () => {
    happen(1, 'users');
    happen(2, 'orders');
    const ended = runChester(['watch', 'orders', '--from-start', '-o', 'json'], shell);
    await shell.until(({ stdout }) => stdout.endsWith('\n'));
    shell.interrupt();
    await ended;
    const [event] = server.events.slice(1);
    assert.deepEqual(
      shell.stdout
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
      [event],
    );
  });

  it('goes on after the last event seen when the coordinator comes back, and says so once', async () => {
    happen(1);
    const ended = runChester(['watch', '--from-start'], shell);
    await seen(1);
    server.stop();
    happen(2);
    await shell.until(({ stderr }) => stderr !== '');
    const opened = server.nextWatch();
    const notYet = { code: status.UNAVAILABLE, details: 'starting' };
    server.refusals = [notYet, notYet];
    await server.start();
    assert.deepEqual(await opened, { group: '', afterSequence: 1, newOnly: false });
    happen(3);
    await seen(3);
    shell.interrupt();
    assert.equal(await ended, 0);
    assert.deepEqual(numbers(), [1, 2, 3]);
    assert.equal(shell.stderr, `lost the coordinator at ${server.address}; trying again until Ctrl-C\n`);
  });

  it('misses nothing of an outage before the first event, and prints nothing older than itself', async () => {
    happen(1, 'orders', testNowMs - 1);
    const first = server.nextWatch();
    const ended = runChester(['watch'], shell);
    await first;
    server.stop();
    happen(2);
    await shell.until(({ stderr }) => stderr !== '');
    await server.start();
    await seen(2);
    shell.interrupt();
    await ended;
    assert.deepEqual(numbers(), [2]);
  });

  it('ends on Ctrl-C while the coordinator is away', async () => {
    const opened = server.nextWatch();
    const ended = runChester(['watch'], shell);
    await opened;
    server.stop();
    await shell.until(({ stderr }) => stderr !== '');
    shell.interrupt();
    assert.equal(await ended, 0);
  });

  it('fails at once when the coordinator cannot be reached at the beginning', async () => {
    server.stop();
    assert.equal(await runChester(['watch'], shell), 1);
    assert.match(shell.stderr, /^cannot reach the coordinator at /);
  });

  const refusal = { code: status.PERMISSION_DENIED, details: 'you may not' };

  it('fails when the coordinator refuses', async () => {
    server.refusals = [refusal];
    assert.equal(await runChester(['watch'], shell), 5);
    assert.equal(shell.stderr, 'you may not\n');
  });

  it('fails when the coordinator refuses after its restart', async () => {
    const opened = server.nextWatch();
    const ended = runChester(['watch'], shell);
    await opened;
    server.stop();
    server.refusals = [refusal];
    await server.start();
    assert.equal(await ended, 5);
    assert.match(shell.stderr, /\nyou may not\n$/);
  });
});
