import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { parse } from 'yaml';
import { parseFleetSpec, parseGroupSpec } from '../../../coordinator/core/group-spec.ts';
import { run } from '../run.ts';
import { entitiesOf, expected } from './entities.ts';

type Declared = { readonly fleets: readonly unknown[]; readonly groups: readonly Record<string, unknown>[] };

describe('chester import chester', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'chester-import-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('turns a dump into declarations that the coordinator takes, with comments and without secrets', async () => {
    const dump = [{ batch: { entityResults: entitiesOf('orders', 'planted-password').map((entity) => ({ entity })) } }];
    const args = [
      'import',
      'chester',
      '-f',
      '-',
      '--sql-project',
      'shop-prod-1',
      '--secrets-dir',
      path.join(folder, 's'),
    ];
    const { exitCode, stdout, stderr } = await run(args, { stdin: JSON.stringify(dump) });
    assert.equal(exitCode, 0, stderr);
    const { fleets, groups } = parse(stdout) as Declared;
    assert.deepEqual(groups, [expected]);
    assert.deepEqual(fleets, [
      {
        name: 'orders',
        cell: 'default',
        variables: { 'mysql-max_connections': '2048', 'mysql-commands_stats': 'true' },
      },
    ]);
    for (const fleet of fleets) assert(parseFleetSpec(fleet).ok);
    for (const group of groups) assert(parseGroupSpec(group).ok);
    for (const said of [
      /10\.0\.2\.1 is a replica that Chester made/,
      /Rule 7 .* is left out/,
      /Rule 1 .* was there twice/,
      /begins in shadow/,
    ]) {
      assert.match(stdout.replaceAll(/\n\s*#\s*/g, ' '), said);
    }
    assert.doesNotMatch(stdout + stderr, /planted/);
    assert.match(stderr, /written to .*: orders-app\n/);
    assert.match(stderr, /secrets to be created:\n {2}gate: the password of chester-gate/);
    const file = path.join(folder, 's', 'orders-app');
    assert.equal(await readFile(file, 'utf8'), 'planted-password');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it('leaves a secret alone that is there already', async () => {
    const args = ['import', 'chester', '-f', '-', '--sql-project', 'shop-prod-1', '--secrets-dir', folder];
    await run(args, { stdin: JSON.stringify(entitiesOf('orders', 'first')) });
    const again = await run(args, { stdin: JSON.stringify(entitiesOf('orders', 'second')) });
    assert.equal(await readFile(path.join(folder, 'orders-app'), 'utf8'), 'first');
    assert.match(again.stderr, /orders-app: the password of user app of orders/);
  });

  it('takes what GET /databases answered, which shows no password', async () => {
    const database = {
      ...{
        instance_name: 'orders',
        read_hostgroup: 10,
        write_hostgroup: 5,
        username: 'app',
        password: 'REDACTED',
        use_ssl: 0,
      },
      query_rules: [],
      master_instance: { name: 'orders', ip_address: '10.0.0.1' },
      read_replicas: [{ name: 'orders-read-1', ip_address: '10.0.1.1' }],
      chester_meta_data: { instance_group: 'orders', max_chester_instances: 4 },
    };
    const { stdout, exitCode } = await run(['import', 'chester', '-f', '-', '--sql-project', 'shop-prod-1'], {
      stdin: JSON.stringify([database]),
    });
    assert.equal(exitCode, 0);
    const [group] = (parse(stdout) as Declared).groups;
    const others = Object.entries(expected).filter(([name]) => name !== 'ruleIds');
    assert.deepEqual(group, { ...Object.fromEntries(others), queryRules: [] });
  });

  it('gives databases with names that no group can have other names, and says so', async () => {
    const dump = [...entitiesOf('Orders_A', 'x'), ...entitiesOf('orders-a', 'y')];
    const { stdout } = await run(['import', 'chester', '-f', '-', '--sql-project', 'shop-prod-1'], {
      stdin: JSON.stringify(dump),
    });
    const { groups } = parse(stdout) as Declared;
    assert.deepEqual(
      groups.map(({ name }) => name),
      ['orders-a', 'orders-a-2'],
    );
    assert.match(stdout, /Chester called it "Orders_A"/);
    for (const group of groups) assert(parseGroupSpec(group).ok);
  });

  for (const [what, args, stdin, said] of [
    ['no source', ['import', 'chester'], '', /give --project or --file/],
    ['a dump without a project', ['import', 'chester', '-f', '-'], '[]', /--sql-project is required/],
    [
      'a dump that is no JSON',
      ['import', 'chester', '-f', '-', '--sql-project', 'p'],
      '{"password":"planted',
      /is no JSON/,
    ],
    [
      'a dump of something else',
      ['import', 'chester', '-f', '-', '--sql-project', 'p'],
      '{"a":1}',
      /nothing of Chester/,
    ],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const { exitCode, stdout, stderr } = await run(args, { stdin });
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, /planted/);
    });
  }
});
