import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { TestAdminServer } from './admin-server.ts';
import { run } from './run.ts';

describe('orders about servers', () => {
  let server: TestAdminServer;
  beforeEach(async () => {
    server = new TestAdminServer();
    await server.start();
    server.groups.set('orders', { desired: 2 });
  });
  afterEach(() => {
    server.stop();
  });
  const chester = (...args: readonly string[]) =>
    run(args, { env: { CHESTER_COORDINATOR: server.address, USER: 'ann' } });
  const why = ['--reason', 'because'];

  const cases = [
    ['Cordon', ['cordon', 'orders', 'r1', '--for', '60', ...why], /r1 is cordoned/],
    ['Uncordon', ['uncordon', 'orders', 'r1', ...why], /r1 is no longer cordoned/],
    ['Adopt', ['adopt', 'orders', 'r1', ...why], /r1 is taken over, desired 2/],
    ['Release', ['release', 'orders', 'r1', ...why], /r1 is being released, desired 2/],
    ['AcceptPrimary', ['accept-primary', 'orders', 'b', '--old-is-gone', ...why], /b becomes the writer/],
  ] as const;
  for (const [method, args, expected] of cases) {
    it(`chester ${args[0]} sends who and why`, async () => {
      const { exitCode, stdout } = await chester(...args);
      assert.equal(exitCode, 0);
      assert.match(stdout, expected);
      const [sent] = server.requests;
      assert.equal(sent?.method, method);
      const request = sent.request as Readonly<Record<string, unknown>>;
      assert.deepEqual([request['group'], request['owner'], request['reason']], ['orders', 'ann', 'because']);
      if (method === 'Cordon') assert.equal(request['durationSeconds'], 60);
      if (method === 'AcceptPrimary') assert.equal(request['oldIsGone'], true);
    });
  }

  it('wants a cause', async () => {
    const { exitCode, stderr } = await chester('cordon', 'orders', 'r1');
    assert.equal(exitCode, 2);
    assert.match(stderr, /--reason/);
  });
});
