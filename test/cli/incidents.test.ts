import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { TestAdminServer } from './admin-server.ts';
import { run, testNowMs } from './run.ts';

describe('chester incidents, explain and doctor', () => {
  let server: TestAdminServer;
  beforeEach(async () => {
    server = new TestAdminServer();
    await server.start();
    server.incidents = [
      { incidentId: '0.old', group: 'orders', action: 'scale-out', state: 'closed', openedAtMs: testNowMs - 9000 },
      { incidentId: '0.new', group: 'orders', action: 'scale-in', state: 'open', openedAtMs: testNowMs - 1000 },
      { incidentId: '0.other', group: 'billing', action: 'scale-in', state: 'open', openedAtMs: testNowMs - 5000 },
    ];
    server.setAside = [
      { id: 'x1', source: 'webhook', reason: 'no JSON', excerpt: '{', receivedAtMs: testNowMs, times: 3 },
    ];
  });
  afterEach(() => {
    server.stop();
  });
  const chester = (...args: string[]) => run(args, { env: { CHESTER_COORDINATOR: server.address } });
  const lastRequest = () => server.requests.at(-1);

  it('lists all, newest first, and those of one group without what was set aside', async () => {
    const all = await chester('incidents');
    assert(all.stdout.indexOf('0.new') < all.stdout.indexOf('0.other'));
    assert.match(all.stdout, /SET ASIDE[^]*x1 .*no JSON/);
    const orders = await chester('incidents', 'orders');
    assert(!orders.stdout.includes('0.other') && !orders.stdout.includes('SET ASIDE'));
  });

  it('asks with the status for nothing that who sees some groups only is refused', async () => {
    for (const command of ['incidents', 'status']) {
      assert.match((await chester(command)).stdout, /SET ASIDE[^]*x1 .*no JSON/);
      const asked = server.requests.splice(0).map(({ method }) => method);
      assert(asked.includes('ListIncidents') && !asked.includes('ListSetAside'), `${command}: ${asked.join()}`);
    }
  });

  it('closes an incident with a reason', async () => {
    const { stdout } = await chester('incidents', 'close', '0.new', '--reason', 'policy deleted');
    assert.equal(stdout, 'incident 0.new closed in orders\n');
    assert.deepEqual(lastRequest(), {
      method: 'CloseIncident',
      request: { incidentId: '0.new', reason: 'policy deleted' },
    });
    assert.equal((await chester('incidents', 'close', '0.new')).exitCode, 2, 'a reason is needed');
  });

  it('lists what was set aside, prints one whole, and replays it', async () => {
    assert.match((await chester('incidents', 'set-aside')).stdout, /x1/);
    server.setAsideText = '{"incident": 1}';
    assert.equal((await chester('incidents', 'set-aside', 'x1')).stdout, '{"incident": 1}\n');
    const { stdout } = await chester('incidents', 'replay', 'x1');
    assert.equal(stdout, 'taken: 0.abc open: scale-out of orders\n');
    assert.deepEqual(lastRequest(), { method: 'ReplaySetAside', request: { id: 'x1' } });
  });

  it('prints JSON of a subcommand, whose parent knows the same flag', async () => {
    const { stdout } = await chester('incidents', 'set-aside', '-o', 'json');
    assert.equal((JSON.parse(stdout) as { setAside: { id: string }[] }).setAside[0]?.id, 'x1');
  });

  it('prints the beginning of a message whose text was not kept', async () => {
    assert.equal((await chester('incidents', 'set-aside', 'x1')).stdout, '{\n');
  });

  it('tells a story line by line', async () => {
    server.story = {
      summary: 'scale-out of orders, open',
      lines: [
        { atMs: testNowMs, step: 'ALERT', subject: '0.new', text: 'open\u001b[31m' },
        { atMs: 0, step: 'NOW', subject: '', text: 'held' },
      ],
    };
    const { stdout } = await chester('explain', '0.new');
    assert.equal(
      stdout,
      'scale-out of orders, open\n' +
        '2023-11-14T22:13:20.000Z  ALERT  0.new  open [31m\n' +
        'now                       NOW    -  held\n',
    );
    assert.deepEqual(lastRequest(), { method: 'Explain', request: { subject: '0.new' } });
  });

  it('prints what the doctor found, and exits 1 when something fails', async () => {
    server.checks = [{ name: 'binlog', status: 'ok', found: 'on', advice: '' }];
    assert.equal((await chester('doctor', 'orders')).exitCode, 0);
    server.checks = [...server.checks, { name: 'backups', status: 'fail', found: 'off', advice: 'switch them on' }];
    const { exitCode, stdout, stderr } = await chester('doctor', 'orders');
    assert.equal(exitCode, 1);
    assert.match(stdout, /ok +binlog +on +-\nfail +backups +off +switch them on\n/);
    assert.equal(stderr, '1 of 2 checks failed\n');
    assert.equal((await chester('doctor', 'orders', '-o', 'json')).exitCode, 1);
  });
});
