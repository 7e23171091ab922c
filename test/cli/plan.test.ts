import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import { TestAdminServer } from './admin-server.ts';
import { run, type RunOptions } from './run.ts';

const plan = {
  fleets: [],
  groups: [
    {
      name: 'a',
      change: 'change',
      version: 7,
      rows: [
        { table: 'mysql_servers', change: 'add', key: '10 h:3306', columns: [{ field: 'weight', after: '5' }] },
        {
          table: 'mysql_users',
          change: 'change',
          key: 'app',
          columns: [{ field: 'password', before: '(hidden)', after: '(hidden, another)' }],
        },
      ],
      fields: [{ field: 'policy.replicasMax', before: '2', after: '3' }],
      cloud: { create: 1, replicasMaxBefore: 2, replicasMaxAfter: 3, desiredAfter: 1 },
      notes: ['secret app is not there'],
    },
  ],
};

describe('chester plan and apply', () => {
  let server: TestAdminServer;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'chester-plan-'));
    server = new TestAdminServer();
    server.answers = { ...server.answers, plan };
    server.groups.set('a', { spec: { name: 'a' }, version: 7, revision: 4, desired: 0 });
    await server.start();
  });
  afterEach(async () => {
    server.stop();
    await rm(folder, { recursive: true });
  });
  const chester = (args: readonly string[], options: RunOptions = {}) =>
    run(args, { stdin: 'name: a', ...options, env: { CHESTER_COORDINATOR: server.address, ...options.env } });
  const methods = () => server.requests.map(({ method }) => method);

  it('shows rows by table, fields, what Cloud SQL does, and notes', async () => {
    const { exitCode, stdout } = await chester(['plan', '-f', '-']);
    assert.equal(exitCode, 0);
    assert.deepEqual(stdout.split('\n'), [
      '~ group a (version 7)',
      '  mysql_servers',
      '    + 10 h:3306  weight=5',
      '  mysql_users',
      '    ~ app  password: (hidden) → (hidden, another)',
      '  declaration',
      '    policy.replicasMax: 2 → 3',
      '  Cloud SQL',
      '    create 1 replica; min 0, max 2 → 3, desired 0 → 1',
      '  ! secret app is not there',
      '',
      'Plan: 0 to create, 1 to change, 0 as they are; replicas: 1 to create, 0 to delete.',
      '',
    ]);
    assert.deepEqual(methods(), ['PlanGroups']);
  });

  it('colours signs on a terminal that wants it, and prints YAML', async () => {
    const { stdout } = await chester(['plan', '-f', '-'], { columns: 80, hasColour: true });
    assert(stdout.includes('\u001b[32m+ 10 h:3306\u001b[0m'));
    assert.match((await chester(['plan', '-f', '-', '-o', 'yaml'])).stdout, /^fleets: \[\]\ngroups:\n {2}- rows:/);
  });

  it('applies at the versions that were planned, and does not wait when told so', async () => {
    const { exitCode, stdout } = await chester(['apply', '-f', '-', '--no-wait', '--reason', 'sale']);
    assert.equal(exitCode, 0);
    assert.match(stdout, /\ngroup a: changed, version \d+\n$/);
    const applied = server.requests.find(({ method }) => method === 'ApplyGroups')?.request as {
      readonly reason: string;
      readonly groups: readonly { readonly expectedVersion: number }[];
    };
    assert.deepEqual([applied.reason, applied.groups[0]?.expectedVersion], ['sale', 7]);
  });

  it('exits 6 when it is not so in time', async () => {
    server.groups.set('a', { spec: { name: 'a' }, version: 7, revision: 4, desired: 2 });
    const { exitCode, stderr } = await chester(['apply', '-f', '-', '--timeout', '0s']);
    assert.equal(exitCode, 6);
    assert.match(stderr, /group a: replicas 0\/2; snapshot not published yet\nnot converged within 0 s/);
  });

  it('exits 4 on a conflict and 5 when it is denied', async () => {
    for (const [code, exitCode] of [
      [status.ABORTED, 4],
      [status.ALREADY_EXISTS, 4],
      [status.PERMISSION_DENIED, 5],
    ] as const) {
      server.refusals = [{ code, details: 'no' }];
      assert.equal((await chester(['plan', '-f', '-'])).exitCode, exitCode);
    }
  });

  it('calls the coordinator that the context names, and lets the environment go first', async () => {
    const file = path.join(folder, 'config.yaml');
    await writeFile(
      file,
      `# mine\ncontexts:\n  test: {coordinator: "${server.address}"}\n  other: {coordinator: "127.0.0.1:1"}\n`,
    );
    const env = { CHESTER_CONFIG: file };
    const bare = (args: readonly string[]) => run(args, { env });
    assert.equal((await bare(['groups', 'list', '--context', 'test'])).exitCode, 0);
    assert.match((await bare(['context', 'list'])).stdout, /^ +CONTEXT +COORDINATOR/);
    assert.equal((await bare(['context', 'use', 'test'])).exitCode, 0);
    assert.match(await readFile(file, 'utf8'), /^# mine\n[^]*current: test/);
    assert.equal((await bare(['groups', 'list'])).exitCode, 0);
    assert.equal((await chester(['groups', 'list'], { env: { ...env, CHESTER_CONTEXT: 'other' } })).exitCode, 0);
    const unknown = await bare(['groups', 'list', '--context', 'prod']);
    assert.equal(unknown.exitCode, 2);
    assert.match(unknown.stderr, /^context "prod" is not in .*; allowed: test, other\n$/);
    await writeFile(file, 'contexts: {test: {password: hunter2}}');
    const bad = await bare(['groups', 'list']);
    assert.equal(bad.exitCode, 2);
    assert(bad.stderr.includes('contexts.test.password: no such field') && !bad.stderr.includes('hunter2'));
  });

  it('shows the load once where stdout is no terminal', async () => {
    const load = { group: 'a', role: 'reader', hostname: 'h', port: 3306, proxies: 2, online: 2, connUsed: 3 };
    server.answers = {
      ...server.answers,
      load: { servers: [{ ...load, queriesPerSecond: 12.34, latencyMicros: 1500 }] },
    };
    const { stdout } = await chester(['top']);
    assert.match(stdout, /^GROUP +ROLE [^]*a +reader +h:3306 +- +2\/2 +3 +0 +12\.3 +1\.5 ms +-\n$/);
  });

  it('goes back by revision or by version, not by both', async () => {
    assert.equal((await chester(['rollback', 'a', '3', '--to-version', '5'])).exitCode, 2);
    assert.equal((await chester(['rollback', 'a'])).exitCode, 2);
    assert.equal(
      (await chester(['rollback', 'a', '3', '--reason', 'slow'])).stdout,
      'group a: rolled back, version 7\n',
    );
  });
});
