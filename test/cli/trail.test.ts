import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { parseAccessTable } from '../../coordinator/core/access-table.ts';
import { TestAdminServer } from './admin-server.ts';
import { run } from './run.ts';

const planted = 'pl4nted-secret-of-some-length';
let server: TestAdminServer;
let env: Record<string, string>;
let dir = '';
before(async () => {
  server = new TestAdminServer();
  await server.start();
  env = { CHESTER_COORDINATOR: server.address };
  dir = await mkdtemp(path.join(tmpdir(), 'chester-trail-'));
});
after(async () => {
  server.stop();
  await rm(dir, { recursive: true, force: true });
});
beforeEach(() => {
  server.requests.length = 0;
});

describe('chester access', () => {
  it('makes a token, and the digest that the access file takes', async () => {
    const { stdout } = await run(['access', 'token']);
    const [, token = '', digest = ''] = /^token: {2}(cht_\S{43})\ndigest: ([0-9a-f]{64})\n$/.exec(stdout) ?? [];
    assert.equal(createHash('sha256').update(token).digest('hex'), digest);
    assert.ok(parseAccessTable({ identities: [{ name: 'ci', tokens: [digest] }] }).ok);
  });

  it('puts it into a file for the owner alone, and never over another', async () => {
    const file = path.join(dir, 'token');
    const { stdout } = await run(['access', 'token', '--out', file]);
    assert.match(stdout, /^digest: [0-9a-f]{64}\n$/);
    assert.match(await readFile(file, 'utf8'), /^cht_\S{43}\n$/);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const again = await run(['access', 'token', '--out', file]);
    assert.deepEqual([again.exitCode, again.stdout], [2, '']);
    assert.match(again.stderr, /cannot be written \(EEXIST\)/);
  });

  it('hashes a password of standard input as the access file takes it', async () => {
    const { stdout, stderr } = await run(['access', 'hash-password'], { stdin: `${planted}\n` });
    assert.ok(parseAccessTable({ identities: [{ name: 'x', passwordHash: stdout.trim() }] }).ok);
    assert.ok(!(stdout + stderr).includes(planted));
    const short = await run(['access', 'hash-password'], { stdin: 'short\n' });
    assert.notEqual(short.exitCode, 0);
    assert.match(short.stderr, /5 characters; allowed: 12 or more/);
  });
});

describe('chester secrets', () => {
  it('puts what standard input says, and never shows it', async () => {
    const { exitCode, stdout, stderr } = await run(['secrets', 'put', 'gate'], { env, stdin: `${planted}\n` });
    assert.equal(exitCode, 0);
    assert.ok(!(stdout + stderr).includes(planted));
    assert.deepEqual((server.requests[0]?.request as { value: string }).value, planted);
  });

  it('puts a place in Secret Manager', async () => {
    const resource = 'projects/p/secrets/s/versions/1';
    await run(['secrets', 'put', 'gate', '--resource', resource], { env, stdin: planted });
    const { value, resource: sent } = server.requests[0]?.request as { value: string; resource: string };
    assert.deepEqual([value, sent], ['', resource]);
  });

  it('refuses an empty one before it calls', async () => {
    const { exitCode, stderr } = await run(['secrets', 'put', 'gate'], { env });
    assert.notEqual(exitCode, 0);
    assert.match(stderr, /standard input is empty/);
    assert.equal(server.requests.length, 0);
  });

  it('lists names, rotates, deletes and makes keys', async () => {
    assert.match((await run(['secrets', 'list'], { env })).stdout, /^NAME +KEY.*\ngate +k1 /);
    assert.match((await run(['secrets', 'rotate-key'], { env })).stdout, /^1 secrets encrypted anew/);
    assert.match((await run(['secrets', 'delete', 'gate'], { env })).stdout, /^secret gate deleted/);
    const { stdout } = await run(['secrets', 'new-key']);
    assert.equal(Buffer.from(stdout, 'base64').length, 32);
  });
});

describe('chester audit', () => {
  it('says who changed what, with the first fields', async () => {
    server.audit = [
      {
        ...{ id: '1', atMs: 1_699_999_940_000, who: 'ci', proof: 'token', source: '10.0.0.1', what: 'PutGroup' },
        ...{ groups: ['orders'], reason: 'load test', request: '{}', outcome: 'OK', leftOut: 0 },
        changes: ['a', 'b', 'c', 'd'].map((field) => ({ field, before: '1', after: '2' })),
      },
    ];
    const { stdout } = await run(['audit', '--group', 'orders', '--refused'], { env });
    assert.match(stdout, /ci +10\.0\.0\.1 +PutGroup +orders +OK +a 1 → 2; b 1 → 2; c 1 → 2; 1 more +load test/);
    const { group, refused } = server.requests[0]?.request as { group: string; refused: boolean };
    assert.deepEqual([group, refused], ['orders', true]);
  });

  it('shows a page of many megabytes, as long requests make it', async () => {
    const entry = { atMs: 1, who: 'ci', proof: 'token', source: '10.0.0.1', what: 'PutGroup', groups: ['orders'] };
    const rest = { reason: '', request: 'x'.repeat(5000), outcome: 'OK', leftOut: 0, changes: [] };
    server.audit = Array.from({ length: 1000 }, (_, index) => ({ ...entry, ...rest, id: String(index) }));
    const { exitCode, stdout, stderr } = await run(['audit', '--limit', '1000'], { env });
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.equal(stdout.match(/PutGroup/g)?.length, 1000);
  });
});

describe('flags of identity', () => {
  const cases = [
    { args: ['--coordinator', 'coordinator:8443'], says: /is another machine: give --ca FILE or --tls, or allow/ },
    { args: ['--cert', '/x.crt'], says: /--cert \(CHESTER_CERT_FILE\) and --key/ },
    { args: ['--ca', '/nowhere/ca.crt'], says: /\/nowhere\/ca\.crt cannot be read \(ENOENT\)/ },
    { args: ['--token-file', '/nowhere/token'], says: /\/nowhere\/token cannot be read \(ENOENT\)/ },
  ];
  for (const { args, says } of cases) {
    it(`refuses ${args.join(' ')}`, async () => {
      const { exitCode, stderr } = await run(['audit', ...args], { env });
      assert.equal(exitCode, 2);
      assert.match(stderr, says);
    });
  }

  it('shows token and reason with each call', async () => {
    const { exitCode } = await run(['audit', '--why', 'looking'], { env: { ...env, CHESTER_TOKEN: 'cht_x' } });
    assert.equal(exitCode, 0);
    assert.deepEqual(server.shown.at(-1), { authorization: 'Bearer cht_x', reason: 'looking' });
  });
});
