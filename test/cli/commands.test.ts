import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import { TestAdminServer } from './admin-server.ts';
import { run, type RunOptions, testNowMs } from './run.ts';

describe('commands', () => {
  let server: TestAdminServer;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'chester-cli-'));
  });
  after(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    server = new TestAdminServer();
    await server.start();
  });
  afterEach(() => {
    server.stop();
  });

  const chester = (args: readonly string[], options: RunOptions = {}) =>
    run(args, { ...options, env: { CHESTER_COORDINATOR: server.address, ...options.env } });
  const requestsOf = (method: string) => server.requests.filter((entry) => entry.method === method);
  const fileOf = async (text: string) => {
    const file = path.join(folder, 'input.yaml');
    await writeFile(file, text);
    return file;
  };

  describe('chester groups put', () => {
    it('puts the fleets, then the groups of the example', async () => {
      const { exitCode, stdout, stderr } = await chester(['groups', 'put', '-f', 'examples/groups.yaml']);
      assert.deepEqual(
        { exitCode, stdout, stderr },
        { exitCode: 0, stdout: 'fleet main stored, cell default\ngroup orders stored, version 1\n', stderr: '' },
      );
      assert.deepEqual(
        server.requests.map(({ method }) => method),
        ['ApplyGroups'],
      );
      const { gate, policy, writerHostgroup } = server.groups.get('orders')?.spec ?? {};
      assert.equal(gate?.passwordSecret, 'gate');
      assert.equal(policy?.replicasMin, 0);
      assert.equal(writerHostgroup, 5);
    });

    it('reads one group from stdin and sends a negative number as it is', async () => {
      const { stdout } = await chester(['groups', 'put', '-f', '-'], { stdin: 'name: a\npolicy: {replicasMax: -1}' });
      assert.equal(stdout, 'group a stored, version 1\n');
      assert.equal(server.groups.get('a')?.spec?.policy?.replicasMax, -1);
    });

    it('tells the expected version', async () => {
      await chester(['groups', 'put', '-f', '-', '--expected-version', '7'], { stdin: 'name: a' });
      const [put] = requestsOf('ApplyGroups');
      const { groups } = put?.request as { readonly groups: readonly { readonly expectedVersion: number }[] };
      assert.equal(groups[0]?.expectedVersion, 7);
    });

    it('refuses an expected version for more than one group', async () => {
      const args = ['groups', 'put', '-f', 'examples/groups.yaml', '--expected-version', '7'];
      const { exitCode, stderr } = await chester(args);
      assert.equal(exitCode, 2);
      assert.equal(
        stderr,
        '--expected-version is for a file with one group; examples/groups.yaml has 1 fleets and 1 groups\n',
      );
      assert.deepEqual(server.requests, []);
    });

    it('names file, field, value and what is allowed, and sends nothing', async () => {
      const file = await fileOf('name: 1\npolicy: {replicasMax: many}');
      const { exitCode, stdout, stderr } = await chester(['groups', 'put', '-f', file]);
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
      assert.deepEqual(stderr.split('\n'), [
        `${file}: name is 1; allowed: a text (put it in quotes)`,
        `${file}: policy.replicasMax is "many"; allowed: a whole number from -2147483648 to 2147483647`,
        '',
      ]);
      assert.deepEqual(server.requests, []);
    });

    it('passes on what the coordinator says of every bad field, a line each, and puts nothing', async () => {
      const stdin = 'fleets: [{name: main}]\ngroups: [{name: a}, {name: b}, {name: c}]';
      const details = 'fleets.0.cell is missing; allowed: a string\ngroups.1.port is 0; allowed: at least 1';
      server.refusals = [{ code: status.INVALID_ARGUMENT, details }];
      const { exitCode, stdout, stderr } = await chester(['groups', 'put', '-f', '-'], { stdin });
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
      assert.deepEqual(stderr.split('\n'), [
        'stdin: fleets.0.cell is missing; allowed: a string',
        'stdin: groups.1.port is 0; allowed: at least 1',
        '',
      ]);
      assert.equal(server.groups.size, 0);
    });

    it('says when there is no such file', async () => {
      const { exitCode, stderr } = await chester(['groups', 'put', '-f', 'no-such.yaml']);
      assert.equal(exitCode, 2);
      assert.match(stderr, /^cannot read no-such\.yaml: ENOENT[^\n]*\n$/);
    });
  });

  describe('chester groups get', () => {
    it('prints YAML and JSON that put takes back', async () => {
      await chester(['groups', 'put', '-f', 'examples/groups.yaml']);
      const stored = server.groups.get('orders')?.spec;
      for (const format of ['yaml', 'json']) {
        const { stdout } = await chester(['groups', 'get', 'orders', '-o', format]);
        server.groups.clear();
        assert.equal((await chester(['groups', 'put', '-f', '-'], { stdin: stdout })).exitCode, 0);
        assert.deepEqual(server.groups.get('orders')?.spec, stored);
      }
    });

    it('says at which version the group is', async () => {
      server.groups.set('a', { spec: { name: 'a' }, version: 9 });
      const { stdout } = await chester(['groups', 'get', 'a']);
      assert.equal(stdout, '# version 9: --expected-version 9 refuses to replace a newer one\nname: a\n');
    });

    it('fails with one line when there is no such group', async () => {
      const failed = await chester(['groups', 'get', 'nothing']);
      assert.deepEqual(failed, { exitCode: 3, stdout: '', stderr: 'group "nothing" is not declared\n' });
    });
  });

  it('chester groups list shows a line a group', async () => {
    await chester(['groups', 'put', '-f', 'examples/groups.yaml']);
    const { stdout } = await chester(['groups', 'list']);
    assert.deepEqual(stdout.split('\n'), [
      'GROUP   FLEET  PRIMARY              WRITER  READER  MIN  MAX  DESIRED  SERVING  VERSION',
      'orders  main   demo:orders-primary  5       10      0    3    0        0        1',
      '',
    ]);
  });

  it('chester groups delete deletes, or says why not', async () => {
    server.groups.set('a', {});
    assert.deepEqual(await chester(['groups', 'delete', 'a']), {
      exitCode: 0,
      stdout: 'group a deleted\n',
      stderr: '',
    });
    assert.equal(server.groups.size, 0);
    server.refusals = [{ code: status.FAILED_PRECONDITION, details: 'group a still owns r1' }];
    const refused = await chester(['groups', 'delete', 'a']);
    assert.deepEqual(refused, { exitCode: 1, stdout: '', stderr: 'group a still owns r1\n' });
  });

  it('chester fleets puts and lists', async () => {
    const put = await chester(['fleets', 'put', 'main', '--cell', 'west']);
    assert.equal(put.stdout, 'fleet main stored, cell west\n');
    assert.equal((await chester(['fleets', 'list'])).stdout, 'FLEET  CELL  VARIABLES\nmain   west  -\n');
    const { stdout } = await chester(['fleets', 'list', '-o', 'json']);
    assert.deepEqual(JSON.parse(stdout), { fleets: [{ name: 'main', cell: 'west', variables: {} }] });
  });

  it('chester fleets put leaves the variables that a file declared', async () => {
    const stdin = 'fleets: [{name: main, cell: west, variables: {mysql-a: 5, mysql-b: true, mysql-c: ""}}]';
    const variables = { 'mysql-a': '5', 'mysql-b': 'true', 'mysql-c': '' };
    assert.equal((await chester(['groups', 'put', '-f', '-'], { stdin })).exitCode, 0);
    assert.deepEqual(server.fleets.get('main'), { name: 'main', cell: 'west', variables });
    await chester(['fleets', 'put', 'main', '--cell', 'east']);
    assert.deepEqual(server.fleets.get('main'), { name: 'main', cell: 'east', variables });
    const { stdout } = await chester(['fleets', 'list']);
    assert.equal(stdout, 'FLEET  CELL  VARIABLES\nmain   east  mysql-a=5 mysql-b=true mysql-c=\n');
  });

  it('chester agents forget tells the reason and the rosters', async () => {
    const args = ['agents', 'forget', 'p-2', '--reason', 'its node was removed'];
    assert.equal((await chester(args)).stdout, 'agent p-2 left the rosters of orders, users\n');
    assert.deepEqual(requestsOf('ForgetAgent')[0]?.request, { agentId: 'p-2', reason: 'its node was removed' });
  });

  it('chester cells list shows who is silent and who decides, and retire tells who gave one up', async () => {
    const { stdout } = await chester(['cells', 'list']);
    assert.match(stdout, /west +silent +no sign for 61s; nothing is deleted meanwhile/);
    assert.match(stdout, /c1 +east +3 +decides/);
    const args = ['cells', 'retire', 'west', '--owner', 'ann', '--reason', 'dissolved'];
    assert.match((await chester(args)).stdout, /^cell west is given up/);
    const request = { cell: 'west', owner: 'ann', reason: 'dissolved' };
    assert.deepEqual(requestsOf('RetireCell')[0]?.request, request);
  });

  it('chester agents list shows the servers of each proxy', async () => {
    const server1 = {
      hostgroup: 10,
      hostname: '127.20.0.4',
      port: 3306,
      status: 'ONLINE',
      connUsed: 3,
      connFree: 7,
      lagMs: 1200,
    };
    server.agents = [{ agentId: 'p-0', connected: true, servers: [server1] }];
    const { stdout } = await chester(['agents', 'list']);
    assert.match(stdout, /^p-0 +10 +127\.20\.0\.4:3306 +ONLINE +3 +7 +1200 ms$/m);
  });

  it('chester scale sends count and reason, also a negative count', async () => {
    server.groups.set('orders', {});
    const scaled = await chester(['scale', 'orders', '2', '--reason', 'sale at noon']);
    assert.deepEqual(scaled, { exitCode: 0, stdout: 'group orders: desired 2 (MANUAL sale at noon)\n', stderr: '' });
    server.refusals = [{ code: status.INVALID_ARGUMENT, details: 'replicas is -1; allowed: 0 to 3' }];
    const refused = await chester(['scale', 'orders', '-1']);
    assert.deepEqual(refused, { exitCode: 2, stdout: '', stderr: 'replicas is -1; allowed: 0 to 3\n' });
    const request = { group: 'orders', replicas: -1, owner: '', reason: '' };
    assert.deepEqual(requestsOf('Scale')[1]?.request, request);
  });

  it('chester scale holds a count for a while, by the user of the shell, and lets it go', async () => {
    server.groups.set('orders', { desired: 2, desiredReason: 'OVERRIDE' });
    await chester(['scale', 'orders', '2', '--for', '2h', '--reason', 'sale'], { env: { USER: 'ann' } });
    const request = { group: 'orders', replicas: 2, owner: 'ann', reason: 'sale', holdSeconds: 7200 };
    assert.deepEqual(requestsOf('Scale')[0]?.request, { ...request, _holdSeconds: 'holdSeconds' });
    const released = await chester(['scale', 'orders', 'auto', '--owner', 'bob']);
    assert.deepEqual(requestsOf('ReleaseScale')[0]?.request, { group: 'orders', owner: 'bob', reason: '' });
    assert.match(released.stdout, /^group orders: desired 2 /);
  });

  it('chester pause and chester resume name the direction, the owner and the reason', async () => {
    server.groups.set('orders', {});
    const by = ['--owner', 'ann', '--reason', 'load test'];
    const paused = await chester(['pause', 'orders', '--direction', 'in', '--for', '90', ...by]);
    assert.deepEqual(paused, { exitCode: 0, stdout: 'group orders: in is paused\n', stderr: '' });
    const request = { group: 'orders', direction: 'in', owner: 'ann', reason: 'load test' };
    assert.deepEqual(requestsOf('Pause')[0]?.request, {
      ...request,
      durationSeconds: 90,
      _durationSeconds: 'durationSeconds',
    });
    await chester(['pause', 'orders', ...by]);
    assert.deepEqual(requestsOf('Pause')[1]?.request, { ...request, direction: 'both' });
    const resumed = await chester(['resume', 'orders', '--owner', 'ann']);
    assert.equal(resumed.stdout, 'group orders: both is resumed\n');
    assert.deepEqual(requestsOf('Resume')[0]?.request, { ...request, direction: 'both', reason: '' });
  });

  it('chester status shows open incidents only, chester incidents all, newest first', async () => {
    const incident = (incidentId: string, state: string, ageMs: number) => ({
      incidentId,
      state,
      group: 'orders',
      action: 'scale-out',
      openedAtMs: testNowMs - ageMs,
    });
    server.incidents = [incident('i1', 'closed', 9000), incident('i2', 'open', 5000), incident('i3', 'open', 1000)];
    const { stdout: shown } = await chester(['status', '-o', 'json']);
    const { incidents } = JSON.parse(shown) as { incidents: { incidentId: string }[] };
    assert.deepEqual(
      incidents.map(({ incidentId }) => incidentId),
      ['i3', 'i2'],
    );
    const { stdout } = await chester(['incidents']);
    assert.deepEqual(stdout.match(/^i\d/gm), ['i3', 'i2', 'i1']);
  });

  it('chester status is coloured and cut on a terminal that wants it, never in a pipe', async () => {
    await chester(['groups', 'put', '-f', 'examples/groups.yaml']);
    const onTerminal = await chester(['status'], { columns: 40, hasColour: true });
    assert.match(onTerminal.stdout, /\u001b\[1mGROUPS/);
    assert.match(onTerminal.stdout, /…/);
    const { stdout } = await chester(['status']);
    assert.doesNotMatch(stdout, /[\u001b…]/);
  });

  describe('a call', () => {
    it('goes where the flag says, before the environment', async () => {
      const { exitCode } = await run(['fleets', 'list', '--coordinator', server.address], {
        env: { CHESTER_COORDINATOR: '127.0.0.1:1' },
      });
      assert.equal(exitCode, 0);
    });

    it('says in one line where nobody answered and what to check', async () => {
      const { exitCode, stdout, stderr } = await run(['status', '--coordinator', '127.0.0.1:1']);
      assert.equal(exitCode, 1);
      assert.equal(stdout, '');
      assert.match(
        stderr,
        /^cannot reach the coordinator at 127\.0\.0\.1:1: check that it runs, and that --coordinator or CHESTER_COORDINATOR names its gRPC port \([^\n]*ECONNREFUSED[^\n]*\)\n$/,
      );
    });

    it('ends at its deadline', async () => {
      server.isSilent = true;
      for (const { args, env } of [
        { args: ['--timeout-ms', '50'], env: { CHESTER_TIMEOUT_MS: '60000' } },
        { args: [], env: { CHESTER_TIMEOUT_MS: '50' } },
      ]) {
        const { exitCode, stderr } = await chester(['fleets', 'list', ...args], { env });
        assert.equal(exitCode, 1);
        assert.match(stderr, /did not answer within 50 ms; --timeout-ms or CHESTER_TIMEOUT_MS allows more\n$/);
      }
    });

    it('reports every bad setting at once', async () => {
      const { exitCode, stderr } = await run(['status', '--timeout-ms', '0'], {
        env: { CHESTER_COORDINATOR: 'nowhere' },
      });
      assert.equal(exitCode, 2);
      assert.deepEqual(stderr.split('\n'), [
        'CHESTER_COORDINATOR is "nowhere"; allowed: host:port, an IPv6 address in brackets',
        '--timeout-ms is "0"; allowed: a whole number from 1 to 3600000',
        '',
      ]);
    });
  });
});
