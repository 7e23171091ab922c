// The preset trial as a user meets it: what `helm install` renders without values runs, and what `helm test` runs passes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findProxySql } from '../../sandbox/proxysql/real-proxysql.ts';
import { renderText } from './chart.ts';
import { findHelms, helmMissing } from './helm.ts';

/** A network of its own: the chart's ports are fixed, and other tests use them too. */
const isRoot = process.getuid?.() === 0;
const apart = ['unshare', ...(isRoot ? [] : ['--user', '--map-root-user']), '--net', 'sh', '-c'];
const [program = '', ...words] = apart;
const canPart = spawnSync(program, [...words, 'ip link set lo up'], { timeout: 30_000 }).status === 0;
const missing =
  helmMissing ?? (canPart ? null : 'needs unshare (util-linux), ip (iproute2) and the right to a network namespace');

describe('helm install chester charts/chester, and helm test chester', { skip: missing ?? false }, () => {
  it('bring a replica into ProxySQL and out again, with the commands, environment and files that were rendered', async () => {
    const proxysql = (await findProxySql(process.env))?.bin ?? '';
    // The emulator has logins of its own.
    const logins = { proxysql: { admin: { username: 'radmin', password: { value: 'radmin' } } } };
    const values = { tests: { timeoutSeconds: 150 }, ...(proxysql === '' ? logins : {}) };
    const { ok, stdout, stderr } = await renderText(findHelms()[0]!, { name: 'trial', values });
    assert.ok(ok, stderr);
    const folder = mkdtempSync(path.join(tmpdir(), 'chester-rendered-'));
    try {
      const file = path.join(folder, 'trial.yaml');
      writeFileSync(file, stdout);
      const main = path.join(import.meta.dirname, 'trial-main.js');
      const command = 'ip link set lo up && exec "$0" "$@"';
      const args = [...words, command, process.execPath, main, file, ...(proxysql === '' ? [] : [proxysql])];
      const run = spawnSync(program, args, { encoding: 'utf8', timeout: 300_000 });
      assert.equal(run.status, 0, `${run.stdout}\n${run.stderr}`);
      assert.match(run.stdout, /ok: one replica more serves in every proxy\n/);
      assert.match(run.stdout, /ok: it left every proxy, and then Cloud SQL\npassed\n/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
