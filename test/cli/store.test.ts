import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EmbeddedStore } from '../../coordinator/adapters/store-embedded.ts';
import type { Store } from '../../coordinator/ports.ts';
import { redisStore } from '../contract/store/redis-store.ts';
import { beginTerm, committed, event, key, prefix, put, remove } from '../contract/store/stores.ts';
import { askRedis, type RedisServer, startRedis, withoutRedis } from '../redis-servers.ts';
import { run } from './run.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'chester-store-tool-'));
after(() => {
  rmSync(folder, { recursive: true });
});
let files = 0;
function newFile(): string {
  files += 1;
  return path.join(folder, `${files}.db`);
}

/** A store with a history: records of several revisions, one that is gone, events of which the oldest are gone. */
async function fill(store: Store): Promise<void> {
  await beginTerm(store, 'one', 7000);
  for (let n = 0; n < 1200; n += 100) {
    const numbers = Array.from({ length: 100 }, (_, m) => n + m);
    const events = numbers.map((m) => event(`${m}`, m % 2 === 0 ? 'orders' : ''));
    await committed(store, { writes: numbers.map((m) => put(`a/${m}`, m)), events });
  }
  await committed(store, { writes: [remove('a/3'), put('ключ/ü\0"', 1), put('a/1', 99)] });
  await store.pruneEvents(1100);
}

async function contentOf(store: Store) {
  return {
    storeId: (await store.head()).storeId,
    entries: await store.list(prefix('')),
    events: await store.readEvents({ afterSequence: 0, limit: 5000 }),
    ofGroup: (await store.readEvents({ afterSequence: 0, limit: 5000, group: 'orders' })).length,
  };
}

const headOf = async (store: Store) => ({ ...(await store.head()), lastSequence: await store.lastEventSequence() });

async function inFile<T>(file: string, action: (store: EmbeddedStore) => Promise<T>): Promise<T> {
  const store = EmbeddedStore.open({ file });
  try {
    return await action(store);
  } finally {
    store.close();
  }
}

async function filled(): Promise<string> {
  const file = newFile();
  await inFile(file, fill);
  return file;
}

/** What was copied goes on: nothing that was given out is given out again. */
async function assertGoesOn(
  store: Store,
  from: { readonly revision: number; readonly fencingToken: number; readonly lastSequence: number },
): Promise<void> {
  // Events that came after the copy was taken may have had the numbers that follow.
  assert((await store.lastEventSequence()) > from.lastSequence + 1000);
  assert((await committed(store, { writes: [put('next', 1)], events: [event('next')] })) > from.revision);
  const next = (await store.readEvents({ afterSequence: from.lastSequence, limit: 5000 })).at(-1);
  assert.deepEqual([next?.message, next?.sequence], ['next', await store.lastEventSequence()]);
  const { fencingToken } = await beginTerm(store, 'next', 0);
  assert(fencingToken > from.fencingToken, 'a token came twice');
}

describe('chester store', { timeout: 300_000 }, () => {
  describe('backup, restore', () => {
    it('take a store into a file and back, whole', async () => {
      const [source, target, backup] = [await filled(), newFile(), newFile()];
      const [before, head] = await inFile(
        source,
        async (store) => [await contentOf(store), await headOf(store)] as const,
      );
      const written = await run(['store', 'backup', backup], { env: { STATE_FILE: source } });
      assert.equal(written.stderr, '');
      assert.match(written.stdout, /^copied .* to .*: 1200 records, 1100 events, up to revision 13\n$/);
      assert.equal(statSync(backup).mode & 0o777, 0o600);
      assert(!existsSync(`${backup}.partial`));
      const restored = await run(['store', 'restore', backup, '--to', target, '-o', 'json']);
      assert.deepEqual(JSON.parse(restored.stdout), {
        from: backup,
        to: target,
        entries: 1200,
        events: 1100,
        revision: 13,
      });
      await inFile(target, async (store) => {
        assert.deepEqual(await contentOf(store), before);
        await assertGoesOn(store, head);
      });
    });

    it('refuse what is there already', async () => {
      const [source, backup] = [await filled(), newFile()];
      writeFileSync(backup, 'precious');
      const written = await run(['store', 'backup', '--from', source, backup]);
      assert.deepEqual([written.exitCode, readFileSync(backup, 'utf8')], [2, 'precious']);
      assert.match(written.stderr, /is there already; name a new file/);
      const other = newFile();
      assert.equal((await run(['store', 'backup', '--from', source, other])).exitCode, 0);
      const restored = await run(['store', 'restore', other, '--to', source]);
      assert.equal(restored.exitCode, 4);
      assert.match(restored.stderr, /is not empty; --replace deletes what it holds/);
      assert.equal((await run(['store', 'restore', other, '--to', source, '--replace'])).exitCode, 0);
    });

    const damages: readonly { name: string; damage: (text: string) => string; message: RegExp }[] = [
      { name: 'is empty', damage: () => '', message: /line 1 is none of a backup/ },
      { name: 'is something else', damage: () => '{"a":1}\n', message: /line 1 is none of a backup: format/ },
      { name: 'was cut', damage: (text) => text.slice(0, text.length / 2), message: /it was cut/ },
      {
        name: 'was cut between two lines',
        damage: (text) => `${text.split('\n').slice(0, 9).join('\n')}\n`,
        message: /it was cut/,
      },
      { name: 'was changed', damage: (text) => text.replace('"n":5}', '"n":6}'), message: /its checksum does not fit/ },
      { name: 'goes on behind its end', damage: (text) => `${text}\n`, message: /it was cut/ },
      {
        name: 'is of a later version',
        damage: (text) => text.replace('"version":1', '"version":2'),
        message: /line 1 is none of a backup: version/,
      },
    ];
    for (const { name, damage, message } of damages) {
      it(`a backup that ${name} is refused, and nothing is changed`, async () => {
        const [source, target, backup] = [newFile(), newFile(), newFile()];
        await inFile(source, (store) => committed(store, { writes: [put('a', 5), put('b', 1)], events: [event('1')] }));
        assert.equal((await run(['store', 'backup', '--from', source, backup])).exitCode, 0);
        writeFileSync(backup, damage(readFileSync(backup, 'utf8')));
        const restored = await run(['store', 'restore', backup, '--to', target]);
        assert.equal(restored.exitCode, 2);
        assert.match(restored.stderr, message);
        assert(!existsSync(target));
      });
    }
  });

  const refusals: readonly { name: string; args: (file: string) => string[]; exitCode: number; message: RegExp }[] = [
    {
      name: 'a source that is not there',
      args: () => ['migrate', '--from', '/nowhere/x.db', '--to', '/nowhere/y.db'],
      exitCode: 1,
      message: /^there is no store \/nowhere\/x\.db$/,
    },
    {
      name: 'one store twice',
      args: (file) => ['migrate', '--from', file, '--to', path.join(path.dirname(file), '.', path.basename(file))],
      exitCode: 2,
      message: /^--from and --to are both/,
    },
    {
      name: 'another kind of URL',
      args: (file) => ['migrate', '--from', file, '--to', 'mysql://db'],
      exitCode: 2,
      message: /a URL that begins with redis:/,
    },
    {
      name: 'a URL with a password',
      args: (file) => ['migrate', '--from', file, '--to', 'redis://chester:hunter2@redis'],
      exitCode: 2,
      message: /^the URL is none of Redis; allowed: (?!.*hunter2)/,
    },
    {
      name: 'a Redis that does not answer',
      args: (file) => ['migrate', '--from', 'rediss://127.0.0.1:1', '--to', file],
      exitCode: 1,
      message: /^the store rediss:\/\/127\.0\.0\.1:1: connect ECONNREFUSED/,
    },
    { name: 'no store', args: () => ['backup', '/nowhere/x'], exitCode: 2, message: /^no store: give --from, or set/ },
    { name: 'no such backup', args: (file) => ['restore', '/nowhere/x', '--to', file], exitCode: 2, message: /ENOENT/ },
    {
      name: 'a folder that is not there',
      args: (file) => ['backup', '--from', file, '/nowhere/x'],
      exitCode: 2,
      message: /^\/nowhere\/x cannot be written \(ENOENT\)$/,
    },
  ];
  for (const { name, args, exitCode, message } of refusals) {
    it(`refuses ${name}`, async () => {
      const file = newFile();
      await inFile(file, (store) => committed(store, { writes: [] }));
      const refused = await run(['store', ...args(file)]);
      assert.match(refused.stderr.trimEnd(), message);
      assert.deepEqual([refused.exitCode, refused.stdout], [exitCode, '']);
    });
  }

  it('refuses a file that a coordinator has open', async () => {
    const file = newFile();
    await inFile(file, async () => {
      const refused = await run(['store', 'backup', '--from', file, newFile()]);
      assert.equal(refused.exitCode, 4);
      assert.match(refused.stderr, /is in use by another process/);
    });
  });

  describe('on Redis', { skip: withoutRedis }, () => {
    let server: RedisServer;
    let url = '';
    let stores = 0;
    before(async () => {
      server = await startRedis();
      url = `redis://127.0.0.1:${server.port}`;
    });
    after(() => server.stop());

    const at = () => ({ kind: 'single' as const, host: '127.0.0.1', port: server.port });
    async function inRedis<T>(name: string, action: (store: Store) => Promise<T>): Promise<T> {
      const store = redisStore(at(), { prefix: name });
      await store.start();
      try {
        return await action(store);
      } finally {
        await store.stop();
      }
    }
    const newPrefix = (): string => {
      stores += 1;
      return `tool-${stores}`;
    };

    it('migrate takes an embedded store to Redis and back, whole', async () => {
      const [source, target, name] = [await filled(), newFile(), newPrefix()];
      const env = { REDIS_PREFIX: name };
      const [before, head] = await inFile(
        source,
        async (store) => [await contentOf(store), await headOf(store)] as const,
      );
      const there = await run(['store', 'migrate', '--from', source, '--to', url], { env });
      assert.equal(there.stderr, '');
      const second = await inRedis(name, async (store) => {
        assert.deepEqual(await contentOf(store), before);
        await assertGoesOn(store, head);
        const next = await headOf(store);
        await store.releaseLease({ holder: '', fencingToken: next.fencingToken });
        return next;
      });
      const back = await run(['store', 'migrate', '--from', url, '--to', target], { env });
      assert.equal(back.stderr, '');
      await inFile(target, (store) => assertGoesOn(store, second));
    });

    it('refuses a store whose lease somebody has, and one that is not empty', async () => {
      const [file, name] = [await filled(), newPrefix()];
      const env = { REDIS_PREFIX: name };
      const term = await inRedis(name, async (store) => {
        await committed(store, { writes: [put('a', 1)] });
        return await beginTerm(store, 'coordinator-7');
      });
      for (const args of [
        ['migrate', '--from', url, '--to', newFile()],
        ['migrate', '--from', file, '--to', url, '--replace'],
        ['backup', '--from', url, newFile()],
      ]) {
        const refused = await run(['store', ...args], { env });
        assert.equal(refused.exitCode, 4);
        assert.match(refused.stderr, /is in use: coordinator-7 has the lease for another \d+ s\. Stop every/);
      }
      const [live, copy] = [newFile(), newFile()];
      const taken = await run(['store', 'backup', '--live', '--from', url, live], { env });
      assert.equal(taken.exitCode, 0, taken.stderr);
      assert.equal((await run(['store', 'restore', '--to', copy, live])).exitCode, 0);
      const kept = await inFile(copy, (store) => store.list(prefix('')));
      assert.deepEqual(kept[0]?.value, { n: 1 });
      await inRedis(name, (store) => store.releaseLease(term));
      const refused = await run(['store', 'migrate', '--from', file, '--to', url], { env });
      assert.equal(refused.exitCode, 4);
      assert.match(refused.stderr, /is not empty; --replace deletes what it holds/);
      const before = await inRedis(name, (store) => headOf(store));
      assert.equal((await run(['store', 'migrate', '--from', file, '--to', url, '--replace'], { env })).exitCode, 0);
      await inRedis(name, async (store) => {
        assert.equal((await store.list(prefix(''))).length, 1200);
        await assertGoesOn(store, before);
      });
    });

    it('says of a store that was loaded by half what to do, and loads it again', async () => {
      const [file, name] = [await filled(), newPrefix()];
      const env = { REDIS_PREFIX: name };
      assert.equal((await run(['store', 'migrate', '--from', file, '--to', url], { env })).exitCode, 0);
      await askRedis(server.port, 'HSET', `{${name}}:meta`, 'format', 'loading');
      const message = /or was not loaded to its end: then run chester store migrate or restore again, with --replace/;
      await assert.rejects(
        inRedis(name, (store) => store.head()),
        { code: 'STORE_UNAVAILABLE', message },
      );
      assert.match((await run(['store', 'backup', '--from', url, newFile()], { env })).stderr, message);
      assert.equal((await run(['store', 'migrate', '--from', file, '--to', url, '--replace'], { env })).exitCode, 0);
      assert.equal((await inRedis(name, (store) => store.get(key('a/5'))))?.value.n, 5);
    });

    it('tells a coordinator that had seen more that a restore went back', async () => {
      const [name, backup] = [newPrefix(), newFile()];
      const env = { REDIS_PREFIX: name, REDIS_URL: url };
      const witness = redisStore(at(), { prefix: name });
      await witness.start();
      try {
        const keptRevision = await committed(witness, { writes: [put('a', 1)] });
        assert.equal((await run(['store', 'backup', backup], { env })).exitCode, 0);
        const seenRevision = await committed(witness, { writes: [put('a', 2)] });
        const told: unknown[] = [];
        witness.watchHistory((loss) => told.push(loss));
        assert.equal((await run(['store', 'restore', backup, '--replace'], { env })).exitCode, 0);
        await askRedis(server.port, 'CLIENT', 'KILL', 'TYPE', 'normal');
        while (told.length === 0) await witness.head().catch(() => undefined);
        assert.deepEqual(told, [{ kind: 'writesLost', keptRevision, seenRevision }]);
      } finally {
        await witness.stop();
      }
    });
  });
});
