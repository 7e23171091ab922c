import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run } from './run.ts';

const leaves = [
  ['status'],
  ['groups', 'list'],
  ['groups', 'get'],
  ['groups', 'put'],
  ['groups', 'delete'],
  ['fleets', 'list'],
  ['fleets', 'put'],
  ['agents', 'list'],
  ['agents', 'forget'],
  ['scale'],
  ['pause'],
  ['resume'],
  ['incidents'],
  ['watch'],
  ['plan'],
  ['apply'],
  ['history'],
  ['diff'],
  ['rollback'],
  ['top'],
  ['drain'],
  ['resync'],
  ['groups', 'create'],
  ['fleets', 'get'],
  ['fleets', 'delete'],
  ['agents', 'get'],
  ['incidents', 'get'],
  ['servers', 'list'],
  ['servers', 'put'],
  ['servers', 'delete'],
  ['users', 'list'],
  ['users', 'put'],
  ['users', 'delete'],
  ['rules', 'list'],
  ['rules', 'delete'],
  ['policy', 'get'],
] as const;
const parents = [
  ...[['groups'], ['fleets'], ['agents'], ['sandbox']],
  ...[['servers'], ['users'], ['rules'], ['policy'], ['context']],
] as const;
const sandboxes = [
  ['sandbox', 'cloudsql'],
  ['sandbox', 'proxysql'],
] as const;

describe('chester --help', () => {
  for (const command of [[], ...leaves, ...sandboxes]) {
    it(`shows an example of ${['chester', ...command].join(' ')}`, async () => {
      const { exitCode, stdout, stderr } = await run([...command, '--help']);
      assert.equal(exitCode, 0);
      assert.equal(stderr, '');
      assert(stdout.includes(`\nExample:\n  ${['chester', ...command].join(' ')}`), stdout);
    });
  }

  for (const command of leaves) {
    it(`names the variables behind the flags of chester ${command.join(' ')}`, async () => {
      const { stdout } = await run([...command, '-h']);
      assert.match(stdout, /CHESTER_COORDINATOR, default 127\.0\.0\.1:8443/);
      assert.match(stdout, /CHESTER_TIMEOUT_MS, default 10000/);
    });
  }

  for (const [args, variable] of [
    [['agent', '--help'], String.raw`CHESTER_FLEET +\(required\)`],
    [['help', 'agent'], String.raw`CHESTER_FLEET +\(required\)`],
    [['coordinator', '--help'], 'GRPC_PORT +8443'],
    [['help', 'coordinator'], 'GRPC_PORT +8443'],
  ] as const) {
    it(`lists the environment for chester ${args.join(' ')}`, async () => {
      const { exitCode, stdout } = await run(args);
      assert.equal(exitCode, 0);
      assert.match(stdout, new RegExp(`^${variable} +\\w`, 'm'));
      assert.match(stdout, /\nExample:\n/);
    });
  }

  it('prints the version of the package', async () => {
    assert.match((await run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  });
});

const misuse = [
  { args: [], says: /^Usage: chester/ },
  ...parents.map((args) => ({ args, says: /^Usage: chester/ })),
  { args: ['stauts'], says: /unknown command 'stauts'[^]*status/ },
  { args: ['status', 'orders'], says: /too many arguments/ },
  { args: ['status', '--outptu', 'json'], says: /unknown option '--outptu'/ },
  { args: ['status', '-o', 'xml'], says: /Allowed choices are table, wide, json, yaml/ },
  { args: ['scale', 'orders'], says: /missing required argument 'count'/ },
  { args: ['scale', 'orders', 'two'], says: /'two'[^]*a whole number from -2147483648 to 2147483647/ },
  { args: ['scale', 'orders', '1', '--for', '2w'], says: /'2w'[^]*90s, 30m, 2h, 3d/ },
  { args: ['pause', 'orders', '--for', 'h', '--reason', 'r'], says: /'h'[^]*90s, 30m, 2h, 3d/ },
  { args: ['pause', 'orders'], says: /required option '--reason <text>'/ },
  { args: ['scale', 'orders', '1.5'], says: /'1.5'[^]*a whole number/ },
  { args: ['scale', 'orders', '2147483648'], says: /'2147483648'[^]*a whole number/ },
  { args: ['groups', 'put'], says: /required option '-f, --file <file>'/ },
  { args: ['alerts', 'render', 'orders', '--topic', 'A b'], says: /'A b'[^]*a letter, then letters, digits/ },
  { args: ['alerts', 'render', 'orders', '--account', '$(id)'], says: /'\$\(id\)'[^]*the email of a service account/ },
  { args: ['audit', '--limit', '1001'], says: /'1001'[^]*a whole number from 1 to 1000/ },
  { args: ['history', 'orders', '--limit', '0'], says: /'0'[^]*a whole number from 1 to 1000/ },
  { args: ['groups', 'put', '-f', 'a', '--expected-version', '-1'], says: /'-1'[^]*a whole number from 0/ },
  { args: ['agents', 'forget', 'p-1'], says: /required option '--reason <text>'/ },
  { args: ['fleets', 'put', 'main'], says: /required option '--cell <cell>'/ },
  { args: ['watch', '--after', '1', '--from-start'], says: /cannot be used with option '--after <n>'/ },
  {
    args: ['sandbox', 'cloudsql', '--port', '70000'],
    says: /^--port is "70000"; allowed: a whole number from 0 to 65535\n$/,
  },
  { args: ['status', '--coordinator', ''], says: /^--coordinator is empty\n$/ },
  { args: ['status', '--coordinator', 'a:0'], says: /^--coordinator is "a:0"; allowed: host:port/ },
] as const;

describe('bad usage', () => {
  for (const { args, says } of misuse) {
    it(`chester ${args.join(' ')} exits 2 with an explanation on stderr alone`, async () => {
      const { exitCode, stdout, stderr } = await run(args);
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
      assert.match(stderr, says);
    });
  }

  it('names the variable when the bad value stands there', async () => {
    const { exitCode, stderr } = await run(['sandbox', 'proxysql'], { env: { SANDBOX_PROXYSQL_PORT: 'x' } });
    assert.equal(exitCode, 2);
    assert.equal(stderr, 'SANDBOX_PROXYSQL_PORT is "x"; allowed: a whole number from 0 to 65535\n');
  });
});
