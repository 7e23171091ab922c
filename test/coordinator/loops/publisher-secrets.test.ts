import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keys } from '../../../coordinator/core/records.ts';
import { groupSpec } from '../builders.ts';
import { setUpPublisher } from './publisher-fixture.ts';

const users = [
  { username: 'app', passwordSecret: 'app-password' },
  { username: 'batch', passwordSecret: 'batch-password' },
];
const withUsers = (count = 2) => groupSpec({ users: users.slice(0, count) });
const hashA = `*${'A'.repeat(40)}`;
const hashB = `*${'B'.repeat(40)}`;
const hashC = `*${'C'.repeat(40)}`;

async function setUp(values: Readonly<Record<string, string>>) {
  const world = await setUpPublisher();
  for (const [name, value] of Object.entries(values)) world.secrets.values.set(name, value);
  const { store, board, offered } = world;
  const passwords = () =>
    offered.at(-1)?.parts?.users.map((row) => `${String(row['username'])} ${String(row['password'])}`) ?? null;
  const servers = () => offered.at(-1)?.servers.map(({ hostname }) => hostname) ?? [];
  const holds = () => board.of('orders').map(({ subject, reason, message }) => `${subject} ${reason}: ${message}`);
  const alarms = async () =>
    (await store.readEvents({ afterSequence: 0, limit: 100 })).filter(({ kind }) => kind === 'ALARM');
  return { ...world, passwords, servers, holds, alarms };
}

describe('Publisher, secrets', () => {
  it('publishes users with the hashes of their secrets', async () => {
    const { publisher, put, passwords } = await setUp({ 'app-password': hashA, 'batch-password': hashB });
    await put(withUsers());
    assert.equal(await publisher.publish('orders'), 60_000);
    assert.deepEqual(passwords(), [`app ${hashA}`, `batch ${hashB}`]);
  });

  it('reads a secret again after a minute, not before, and publishes what was rotated by itself', async () => {
    const { publisher, put, passwords, secrets, clock, revisions } = await setUp({ 'app-password': hashA });
    await put(withUsers(1));
    await publisher.start();
    await clock.advance(0);
    secrets.values.set('app-password', hashC);
    await clock.advance(59_000);
    await publisher.publish('orders');
    assert.deepEqual(passwords(), [`app ${hashA}`]);
    assert.equal(secrets.reads, 1);
    await clock.advance(1000);
    assert.deepEqual(passwords(), [`app ${hashC}`]);
    assert.deepEqual(revisions(), [1, 2]);
    await clock.advance(600_000);
    assert.deepEqual(revisions(), [1, 2]);
    assert.equal(secrets.reads, 12);
    await publisher.stop();
  });

  it('reads anew for a changed declaration, and none for a group without secrets', async () => {
    const { publisher, put, passwords, secrets } = await setUp({ 'app-password': hashA, 'batch-password': hashB });
    await put(groupSpec());
    assert.equal(await publisher.publish('orders'), null);
    assert.equal(secrets.reads, 0);
    await put(withUsers(1));
    await publisher.publish('orders');
    await put(withUsers(2));
    await publisher.publish('orders');
    assert.deepEqual(passwords(), [`app ${hashA}`, `batch ${hashB}`]);
  });

  it('publishes nothing at first while a secret is missing, holds with the reason, and looks again soon', async () => {
    const { publisher, put, secrets, clock, offered, holds, alarms, passwords } = await setUp({
      'app-password': hashA,
    });
    await put(withUsers());
    await publisher.start();
    await clock.advance(0);
    assert.deepEqual(offered, []);
    const message = 'secret batch-password is not there; nothing is published before it is there';
    assert.deepEqual(holds(), [`user batch SECRET_MISSING: ${message}`]);
    await clock.advance(30_000);
    assert.deepEqual(
      (await alarms()).map(({ group, subject, reason, message: said }) => [group, subject, reason, said]),
      [['orders', 'user batch', 'SECRET_MISSING', message]],
      'said once',
    );
    secrets.values.set('batch-password', hashB);
    await clock.advance(10_000);
    assert.deepEqual(passwords(), [`app ${hashA}`, `batch ${hashB}`]);
    assert.deepEqual(holds(), []);
    await publisher.stop();
  });

  it('keeps the users that are published while a secret is missing, and lets servers change', async () => {
    const { publisher, put, serve, secrets, clock, servers, passwords, holds, alarms } = await setUp({
      'app-password': hashA,
      'batch-password': hashB,
    });
    await put(withUsers());
    await publisher.start();
    await clock.advance(0);
    secrets.values.delete('app-password');
    secrets.values.set('batch-password', hashC);
    await clock.advance(60_000);
    assert.deepEqual(passwords(), [`app ${hashA}`, `batch ${hashC}`]);
    await serve('r1');
    await clock.advance(0);
    assert.deepEqual(servers(), ['10.0.1.1', '10.0.0.1']);
    assert.deepEqual(passwords(), [`app ${hashA}`, `batch ${hashC}`]);
    assert.deepEqual(holds(), [
      'user app SECRET_MISSING: secret app-password is not there; what is published of it stays',
    ]);
    secrets.values.set('app-password', hashB);
    await clock.advance(10_000);
    assert.deepEqual(passwords(), [`app ${hashB}`, `batch ${hashC}`]);
    secrets.values.delete('app-password');
    await clock.advance(60_000);
    assert.equal((await alarms()).length, 2, 'said again when it is missing again');
    await publisher.stop();
  });

  it('adds a user only when its secret is there; nobody else is lost meanwhile', async () => {
    const { publisher, put, serve, secrets, clock, servers, passwords } = await setUp({ 'app-password': hashA });
    await put(withUsers(1));
    await publisher.start();
    await clock.advance(0);
    await put(withUsers(2));
    await serve('r1');
    await clock.advance(0);
    assert.deepEqual([passwords(), servers().length], [[`app ${hashA}`], 2]);
    secrets.values.set('batch-password', hashB);
    await clock.advance(10_000);
    assert.deepEqual(passwords(), [`app ${hashA}`, `batch ${hashB}`]);
    await publisher.stop();
  });

  it('goes on with what the store has when a restarted coordinator cannot read them', async () => {
    const first = await setUp({ 'app-password': hashA });
    await first.put(withUsers(1));
    await first.publisher.publish('orders');
    await first.term.stop();
    const second = await setUpPublisher(first.store);
    await second.publisher.start();
    await second.clock.advance(0);
    await second.serve('r1');
    await second.clock.advance(0);
    assert.deepEqual(second.revisions(), [2]);
    assert.deepEqual(
      second.offered.map(({ parts }) => parts?.users[0]?.['password']),
      [hashA],
    );
    await second.publisher.stop();
  });

  it('forgets a deleted group, and holds nothing for it', async () => {
    const { store, publisher, put, holds } = await setUp({});
    await put(withUsers(1));
    await publisher.publish('orders');
    assert.equal(holds().length, 1);
    await store.commit({ writes: [{ key: keys.group('orders'), value: null, ifRevision: null }] });
    assert.equal(await publisher.publish('orders'), null);
    assert.deepEqual(holds(), []);
  });

  it('exchanges the client certificate as a pair', async () => {
    const tls = { clientCertificateSecret: 'cert', clientKeySecret: 'key', serverDefaults: { useSsl: true } };
    const { publisher, put, secrets, clock, offered, holds } = await setUp({ cert: 'c1', key: 'k1' });
    await put(groupSpec(tls));
    await publisher.start();
    await clock.advance(0);
    const certificate = () => Object.values(offered.at(-1)?.parts?.clientCertificate ?? {});
    assert.deepEqual(certificate(), ['c1', 'k1']);
    secrets.values.set('cert', 'c2');
    secrets.values.delete('key');
    await clock.advance(60_000);
    assert.deepEqual(certificate(), ['c1', 'k1']);
    assert.match(holds()[0] ?? '', /^client certificate SECRET_MISSING: secret key is not there; what is published/);
    secrets.values.set('key', 'k2');
    await clock.advance(10_000);
    assert.deepEqual(certificate(), ['c2', 'k2']);
    await publisher.stop();
  });

  it('tells no hash and no key in events, holds or logs', async () => {
    const { publisher, put, store, holds, logged } = await setUp({ 'app-password': hashA, cert: 'CERT', key: 'KEY' });
    const tls = { clientCertificateSecret: 'cert', clientKeySecret: 'key', serverDefaults: { useSsl: true } };
    await put(groupSpec({ users: users.slice(0, 1), ...tls }));
    await publisher.publish('orders');
    await put(groupSpec({ users, ...tls }));
    await publisher.publish('orders');
    const events = await store.readEvents({ afterSequence: 0, limit: 100 });
    const said = JSON.stringify([events, holds(), logged()]);
    assert.match(said, /snapshot published.*secret missing/s);
    assert.doesNotMatch(said, new RegExp(`${hashA.slice(1)}|CERT|KEY`));
  });
});
