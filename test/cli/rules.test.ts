import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { keys } from '../../coordinator/core/records.ts';
import { groupInput } from '../coordinator/builders.ts';
import { TestServer } from '../coordinator/api/server.ts';
import { run } from './run.ts';

/** `chester rules`, `policy` and orders, at the coordinator's own service. */
describe('parts of a declaration, taken out and put back', () => {
  let server: TestServer;
  before(async () => {
    server = await new TestServer().start();
    await server.groups.putFleet({ name: 'main' });
    const users = [{ username: 'app', passwordSecret: 'app' }];
    const policy = { replicasMax: 3, scaleInCooldownSeconds: 7 };
    const made = await server.groups.putGroup({ ...groupInput, users, policy }, 0);
    assert(made.ok, JSON.stringify(made));
  });
  after(() => server.stop());

  const chester = (args: readonly string[], stdin = '', env: Readonly<Record<string, string>> = {}) =>
    run(args, { stdin, env: { CHESTER_COORDINATOR: server.address, ...env } });
  const done = async (args: readonly string[], stdin = '') => {
    const { exitCode, stdout, stderr } = await chester(args, stdin);
    assert.equal(exitCode, 0, stderr);
    return stdout;
  };
  const spec = async () => (await server.store.get(keys.group('orders')))!.value;

  it('a policy comes back the same, and with what was changed in it', async () => {
    const before = await spec();
    const text = await done(['policy', 'get', 'orders']);
    assert.match(text, /^# version \d+: .*\n/);
    assert.doesNotMatch(text, /null/);
    await done(['policy', 'put', 'orders', '-f', '-'], text);
    assert.deepEqual(await spec(), before);
    await done(['policy', 'put', 'orders', '-f', '-'], text.replace('replicasMax: 3', 'replicasMax: 5'));
    assert.deepEqual(await spec(), { ...before, policy: { ...before.policy, replicasMax: 5 } });
  });

  it('rules get their ids with the first of them, and come back the same', async () => {
    const first =
      'ruleIds: {first: 100, last: 199}\nqueryRules:\n  - {username: app, apply: true, destination: reader}\n';
    assert.match(
      await done(['rules', 'put', 'orders', '-f', '-'], first),
      /^group orders: 1 rules stored, version \d+$/m,
    );
    const before = await spec();
    assert.deepEqual(before.ruleIds, { first: 100, last: 199 });
    const text = await done(['rules', 'get', 'orders']);
    await done(['rules', 'put', 'orders', '-f', '-'], text);
    assert.deepEqual(await spec(), before);
    await done(['rules', 'put', 'orders', '-f', '-'], 'queryRules: []');
    assert.deepEqual([(await spec()).queryRules, (await spec()).ruleIds], [[], { first: 100, last: 199 }]);
  });

  it('rules are not dropped by a file that does not name them, or by one of something else', async () => {
    const none = await chester(['rules', 'put', 'orders', '-f', '-'], 'ruleIds: {first: 1, last: 2}');
    assert.deepEqual(
      [none.exitCode, none.stderr],
      [2, 'stdin: queryRules is missing; allowed: all rules of the group, [] for none\n'],
    );
    const other = await chester(['rules', 'put', 'orders', '-f', '-'], 'queryRules: []\nname: orders');
    assert.deepEqual([other.exitCode, other.stdout], [2, '']);
    assert.match(other.stderr, /^stdin: name is "orders"; allowed: no such field; the fields are /);
  });

  it('a flag before the command is told where it goes', async () => {
    const { exitCode, stderr } = await chester(['--coordinator', '127.0.0.1:1', 'status']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /Flags stand behind the command/);
    assert.doesNotMatch((await chester(['status', '--nothing'])).stderr, /behind the command/);
  });

  it('an order is of who sits at the shell; where it does not say, the refusal names the flag', async () => {
    const pause = ['pause', 'orders', '--direction', 'in', '--reason', 'test'];
    const nobody = await chester(pause);
    assert.deepEqual(
      [nobody.exitCode, nobody.stderr],
      [2, 'owner is ""; allowed: who orders it (--owner), 1 to 200 characters\n'],
    );
    assert.equal((await chester(pause, '', { LOGNAME: 'ada' })).exitCode, 0);
    assert.equal((await server.store.get(keys.pauses('orders')))?.value.in?.owner, 'ada');
  });
});
