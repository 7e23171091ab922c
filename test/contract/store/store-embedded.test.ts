import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DatabaseSync } from '@photostructure/sqlite';
import { EmbeddedStore } from '../../../coordinator/adapters/store-embedded.ts';
import type { Key } from '../../../coordinator/core/records.ts';
import { beginTerm } from './stores.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'chester-embedded-'));
type Child = ChildProcessByStdio<null, Readable, Readable>;
type Committer = { readonly child: Child; output: string; errors: string };
const children: Child[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const any = (text: string) => text as Key<{ readonly n: number }>;
const put = (text: string, n: number) => ({ key: any(text), value: { n }, ifRevision: null });

/** Starts the committing process. `output` grows with what it prints. */
function startCommitter(file: string, first: number): Committer {
  const script = fileURLToPath(import.meta.resolve('./committer.js'));
  const child = spawn(process.execPath, [script, file, String(first)], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const committer = { child, output: '', errors: '' };
  child.stdout.on('data', (chunk: Buffer) => (committer.output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (committer.errors += chunk.toString()));
  return committer;
}

async function untilPrinted(committer: Committer, lines: number): Promise<void> {
  while (committer.output.split('\n').length <= lines) {
    assert.equal(committer.child.exitCode, null, committer.errors);
    await once(committer.child.stdout, 'data');
  }
}

async function kill(committer: Committer): Promise<void> {
  const closed = once(committer.child, 'close');
  committer.child.kill('SIGKILL');
  await closed;
}

describe('EmbeddedStore', { timeout: 300_000 }, () => {
  it('keeps every acknowledged commit of a process that is killed, and opens at once afterwards', async () => {
    const file = path.join(folder, 'killed.db');
    let newest = -1;
    for (let round = 0; round < 4; round += 1) {
      const committer = startCommitter(file, newest + 1);
      await untilPrinted(committer, 30 * (round + 1));
      await kill(committer);
      const acknowledged = Number(committer.output.split('\n').at(-2));
      assert(acknowledged > newest);
      const store = EmbeddedStore.open({ file });
      const read = await store.get(any('newest'));
      assert(read !== null && read.value.n >= acknowledged, `${read?.value.n} after ${acknowledged}`);
      newest = read.value.n;
      assert.equal(read.revision, newest + 1);
      assert.equal(await store.lastEventSequence(), newest + 1);
      assert.equal((await store.get(any(`counter/${newest % 50}`)))?.value.n, newest);
      store.close();
    }
  });

  it('is refused to a second process as long as the first lives, and to the same process too', async () => {
    const file = path.join(folder, 'held.db');
    const committer = startCommitter(file, 0);
    await untilPrinted(committer, 1);
    const refusal = { code: 'STORE_IN_USE', message: /held\.db is in use by another process/ };
    assert.throws(() => EmbeddedStore.open({ file }), refusal);
    await kill(committer);
    const store = EmbeddedStore.open({ file });
    assert.throws(() => EmbeddedStore.open({ file }), refusal);
    const second = startCommitter(file, 0);
    await once(second.child, 'close');
    assert.match(second.errors, /STORE_IN_USE/);
    store.close();
  });

  it('gives the file back on close with everything in it, and answers no more', async () => {
    const file = path.join(folder, 'closed.db');
    const store = EmbeddedStore.open({ file });
    await store.commit({ writes: [put('a', 1)] });
    const { fencingToken } = await beginTerm(store, 'one', 5000);
    store.close();
    store.close();
    await assert.rejects(store.get(any('a')), { code: 'STORE_UNAVAILABLE', message: /closed\.db is closed/ });
    const again = EmbeddedStore.open({ file });
    assert.equal((await again.get(any('a')))?.value.n, 1);
    // Nobody of before is left, so the lease that ran is over.
    const next = await again.acquireLease({ holder: 'two', ttlMs: 1000, nowMs: 0 });
    assert(next.outcome === 'held' && next.term.fencingToken === fencingToken + 1);
    again.close();
  });

  it('makes its folder and file for their owner only', () => {
    const file = path.join(folder, 'new/deep/state.db');
    const store = EmbeddedStore.open({ file });
    assert.equal(statSync(path.dirname(file)).mode & 0o777, 0o700);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(`${file}-wal`).mode & 0o777, 0o600);
    store.close();
  });

  const damages: { readonly name: string; readonly damage: (file: string) => void }[] = [
    {
      name: 'is something else',
      damage: (file) => {
        writeFileSync(file, 'not a database, but long enough\n'.repeat(300));
      },
    },
    {
      name: 'was cut',
      damage: (file) => {
        truncateSync(file, 8192);
      },
    },
    {
      name: 'has a page of noise',
      damage: (file) => {
        const bytes = readFileSync(file);
        writeFileSync(file, bytes.fill(0x5a, 8192, 8192 + 2048));
      },
    },
  ];
  for (const [index, { name, damage }] of damages.entries()) {
    it(`names the file when it ${name}`, async () => {
      const file = path.join(folder, `damaged-${index}.db`);
      const store = EmbeddedStore.open({ file });
      for (let n = 0; n < 200; n += 1) await store.commit({ writes: [put(`entry/${n}/${'x'.repeat(200)}`, n)] });
      store.close();
      damage(file);
      const message = new RegExp(`damaged-${index}\\.db`);
      assert.throws(() => EmbeddedStore.open({ file }), { code: 'STORE_UNAVAILABLE', message });
    });
  }

  it('refuses the file of a newer program, and that of another one', () => {
    const newer = path.join(folder, 'newer.db');
    EmbeddedStore.open({ file: newer }).close();
    const database = new DatabaseSync(newer);
    database.exec('PRAGMA user_version = 99');
    database.close();
    const tooNew = { code: 'STORE_UNAVAILABLE', message: /newer\.db has schema version 99/ };
    assert.throws(() => EmbeddedStore.open({ file: newer }), tooNew);
    const foreign = path.join(folder, 'foreign.db');
    const other = new DatabaseSync(foreign);
    other.exec('CREATE TABLE bills (id INTEGER)');
    other.close();
    const notOurs = { code: 'STORE_UNAVAILABLE', message: /foreign\.db is a database of another program/ };
    assert.throws(() => EmbeddedStore.open({ file: foreign }), notOurs);
  });

  it('says why when the folder cannot be made', () => {
    writeFileSync(path.join(folder, 'plain'), '');
    const file = path.join(folder, 'plain/state.db');
    assert.throws(() => EmbeddedStore.open({ file }), { code: 'STORE_UNAVAILABLE', message: /plain/ });
  });
});
