import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import type { RedisTarget } from '../../../coordinator/adapters/store-redis-client.ts';
import { authority, server as certificate } from '../../fakes/certificates.ts';
import { askRedis, freePort, type RedisServer, startRedis, withoutRedis } from '../../redis-servers.ts';
import { redisStore } from './redis-store.ts';
import { committed, event, key, keysOf, put, settled } from './stores.ts';

const ends: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});
const folder = mkdtempSync(path.join(tmpdir(), 'chester-redis-store-'));
ends.push(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function serverWith(options: readonly string[] = [], port?: number): Promise<RedisServer> {
  const server = await startRedis(options, port);
  ends.push(server.stop);
  return server;
}

const at = (port: number): RedisTarget['at'] => ({ kind: 'single', host: '127.0.0.1', port });

const unavailable = { code: 'STORE_UNAVAILABLE' };

describe('RedisStore: who gets in', { timeout: 300_000, skip: withoutRedis }, () => {
  const acl =
    '~{test}:* resetchannels -@all +@hash +@sortedset +@stream +@string +@scripting +del +exists +info +time +wait +auth';

  it('an ACL user with only these rights can do everything', async () => {
    const server = await serverWith();
    await askRedis(server.port, 'ACL', 'SETUSER', 'chester', 'on', '>secret of redis', ...acl.split(' '));
    await askRedis(server.port, 'ACL', 'SETUSER', 'default', 'off');
    const store = redisStore(at(server.port), {}, { username: 'chester', passwordSecret: 'redis' });
    ends.push(store.stop.bind(store));
    await store.start();
    await committed(store, { writes: [put('a', 1)], events: [event('one')] });
    await settled(store);
    await store.pruneEvents(0);
    const held = await store.acquireLease({ holder: 'one', ttlMs: 1000, nowMs: 1000 });
    assert(held.outcome === 'held' && (await store.renewLease(held.term, 1000)));
    assert.deepEqual(await keysOf(store, ''), ['a', 'settled']);
  });

  it('a wrong password fails the start at once, and stands in no message', async () => {
    const server = await serverWith(['--requirepass', 'right']);
    const store = redisStore(at(server.port), {}, { passwordSecret: 'redis' });
    const failure = await store.start().catch((error: unknown) => error);
    assert(failure instanceof Error);
    assert.match(failure.message, /^the store redis:\/\/127\.0\.0\.1:\d+: WRONGPASS/);
    const all = JSON.stringify(failure, Object.getOwnPropertyNames(failure));
    assert(!all.includes('secret of redis') && failure.cause === undefined);
  });

  it('nobody answers: the start fails when its time is up', async () => {
    const store = redisStore(at(1), { startDeadlineMs: 3000 });
    await assert.rejects(store.start(), { ...unavailable, message: /127\.0\.0\.1:1: connect ECONNREFUSED/ });
  });

  it('TLS is checked against the authority that is named', async () => {
    const file = (name: string, text: string): string => {
      const at = path.join(folder, name);
      writeFileSync(at, text);
      return at;
    };
    const caFile = file('ca.pem', authority);
    const options = ['--port', '0', '--tls-auth-clients', 'no', '--tls-ca-cert-file', caFile];
    const pair = [
      '--tls-cert-file',
      file('cert.pem', certificate.certificate),
      '--tls-key-file',
      file('key.pem', certificate.key),
    ];
    const port = await freePort();
    await serverWith([...options, ...pair, '--tls-port', String(port)], port);
    const trusting = redisStore(at(port), {}, { tls: { caFile, serverName: null } });
    ends.push(trusting.stop.bind(trusting));
    await trusting.start();
    await committed(trusting, { writes: [put('a', 1)] });
    const refused = [
      { tls: { caFile: null, serverName: null }, message: /self-signed certificate|unable to verify/ },
      { tls: { caFile, serverName: 'redis.example' }, message: /Hostname\/IP does not match/ },
      {
        tls: { caFile: '/nowhere.pem', serverName: null },
        message: /REDIS_TLS_CA \/nowhere\.pem cannot be read \(ENOENT\)/,
      },
    ];
    for (const { tls, message } of refused) {
      const store = redisStore(at(port), { startDeadlineMs: 2000 }, { tls });
      await assert.rejects(store.start(), { ...unavailable, message });
    }
  });

  it('a replica is no store', async () => {
    const primary = await serverWith();
    const replica = await serverWith(['--replicaof', `127.0.0.1 ${primary.port}`]);
    const store = redisStore(at(replica.port), { startDeadlineMs: 3000 });
    await assert.rejects(store.start(), { ...unavailable, message: /no primary but a replica|loading/ });
  });

  it('a server that throws keys away is no store', async () => {
    const server = await serverWith(['--maxmemory-policy', 'allkeys-lru', '--maxmemory', '100mb']);
    const store = redisStore(at(server.port));
    await assert.rejects(store.start(), { ...unavailable, message: /allkeys-lru, .*; allowed: noeviction/ });
  });

  it('a full server refuses commits in words, and goes on with what it has', async () => {
    const server = await serverWith();
    const store = redisStore(at(server.port));
    ends.push(store.stop.bind(store));
    await store.start();
    await committed(store, { writes: [put('a', 1)] });
    await askRedis(server.port, 'CONFIG', 'SET', 'maxmemory', '1mb');
    await assert.rejects(store.commit({ writes: [put('a', 2)] }), { ...unavailable, message: /OOM/ });
    assert.equal((await store.get(key('a')))?.value.n, 1);
  });
});
