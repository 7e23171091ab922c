import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { LayeredSecrets } from '../../../coordinator/adapters/layered-secrets.ts';
import { SecretBox } from '../../../coordinator/adapters/secret-box.ts';
import { SecretManager } from '../../../coordinator/adapters/secret-manager.ts';
import { Secrets } from '../../../coordinator/adapters/secrets.ts';
import { SecretAdmin } from '../../../coordinator/api/secret-admin.ts';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupSpec } from '../builders.ts';

const planted = 'pl4nted-secret';
const newKey = () => randomBytes(32).toString('base64');

/** Secret Manager as far as it is called; `hang` never answers. */
const google: Server = createServer((request, answer) => {
  asked.push(request.url ?? '');
  if (mode === 'hang') return;
  answer.statusCode = mode === 'refuse' ? 403 : 200;
  const data = Buffer.from(`${planted}\n`).toString('base64');
  const answers = {
    refuse: planted,
    garbage: `{"payload":{"data":"${planted}`,
    work: JSON.stringify({ payload: { data } }),
  };
  answer.end(answers[mode]);
});
let mode: 'work' | 'refuse' | 'garbage' | 'hang' = 'work';
const asked: string[] = [];
let rootUrl = '';
let dir = '';
let keyFile = '';
const clock = new FakeClock();
const resource = 'projects/shop/secrets/app/versions/latest';

before(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'chester-secrets-'));
  keyFile = path.join(dir, 'keys');
  await writeFile(keyFile, `${newKey()}\n`);
  await new Promise<void>((resolve) => google.listen(0, '127.0.0.1', resolve));
  rootUrl = `http://127.0.0.1:${(google.address() as AddressInfo).port}/`;
});
after(async () => {
  google.closeAllConnections();
  google.close();
  await rm(dir, { recursive: true, force: true });
});

function world(box: SecretBox | null = new SecretBox(keyFile)) {
  const store = new FakeStore();
  const manager = new SecretManager({ clock }, { rootUrl, deadlineMs: 30_000 });
  const outside = new Secrets({ env: { CHESTER_SECRET_OUTSIDE: 'from-env' }, dir });
  return {
    store,
    admin: new SecretAdmin({ store, clock, box }),
    secrets: new LayeredSecrets({ outside, store, box, manager }),
  };
}

describe('SecretBox', () => {
  it('opens what it sealed, under the same name and with the same key alone', async () => {
    const box = new SecretBox(keyFile);
    const sealed = await box.seal('secret/gate', planted);
    assert.equal(await box.open('secret/gate', sealed), planted);
    await assert.rejects(box.open('secret/other', sealed), /does not open with key [0-9a-f]{12}: it was changed/);
    const flipped = Buffer.from(sealed.sealed, 'base64');
    flipped[0] = (flipped[0] ?? 0) ^ 1;
    await assert.rejects(box.open('secret/gate', { ...sealed, sealed: flipped.toString('base64') }), /it was changed/);
    await assert.rejects(box.open('secret/gate', { ...sealed, sealed: '' }), /it was changed/);
    await assert.rejects(box.open('secret/gate', { ...sealed, keyId: 'x' }), /has no key x/);
    assert.ok(!JSON.stringify(sealed).includes(Buffer.from(planted).toString('base64').slice(0, 8)));
  });

  it('seals the same twice into two', async () => {
    const box = new SecretBox(keyFile);
    assert.notEqual((await box.seal('a', planted)).sealed, (await box.seal('a', planted)).sealed);
  });

  const bad = ['', 'short', `${newKey()}\n${'x'.repeat(20)}`, `${newKey()}\n`.repeat(17)];
  for (const [index, text] of bad.entries()) {
    it(`refuses key file ${index}, without showing it`, async () => {
      const file = path.join(dir, `bad-${index}`);
      await writeFile(file, text);
      await assert.rejects(new SecretBox(file).seal('a', planted), (error: Error) => {
        assert.match(error.message, /1 to 16 lines of 32 bytes/);
        return !error.message.includes('xxxx');
      });
    });
  }
});

describe('SecretAdmin', () => {
  it('keeps a secret that only the store has in an encrypted form, and shows its name', async () => {
    const { store, admin, secrets } = world();
    const result = await admin.put('gate', { value: planted, resource: '' });
    assert.ok(result.ok);
    assert.ok(!JSON.stringify(result).includes(planted));
    const stored = JSON.stringify(await store.get(keys.secret('gate')));
    assert.ok(!stored.includes(planted) && !stored.includes(Buffer.from(planted).toString('base64')));
    assert.equal(await secrets.read('gate'), planted);
    assert.ok(!JSON.stringify(await admin.list()).includes(planted));
    const events = await store.readEvents({ afterSequence: 0, limit: 10 });
    assert.ok(!JSON.stringify(events).includes(planted));
  });

  const refused = [
    { name: 'Bad Name', value: planted, resource: '', says: /^name is "Bad Name"/ },
    { name: 'gate', value: '', resource: '', says: /either a value or a resource/ },
    { name: 'gate', value: planted, resource, says: /either a value or a resource/ },
    { name: 'gate', value: planted.repeat(10_000), resource: '', says: /at most 65536 characters/ },
    { name: 'gate', value: '', resource: `projects/x/${planted}`, says: /^resource is \(hidden\)/ },
  ];
  for (const { name, value, resource: place, says } of refused) {
    it(`refuses what is ${String(says)}, without a secret`, async () => {
      const result = await world().admin.put(name, { value, resource: place });
      assert.ok(!result.ok);
      assert.match(result.message, says);
      assert.ok(!result.message.includes(planted));
    });
  }

  it('keeps nothing without a key', async () => {
    const result = await world(null).admin.put('gate', { value: planted, resource: '' });
    assert.ok(!result.ok);
    assert.equal(result.code, 'PRECONDITION');
  });

  it('encrypts anew with the newest key, after which the old one can go', async () => {
    const file = path.join(dir, 'rotating');
    const [older, newer] = [newKey(), newKey()];
    await writeFile(file, `${older}\n`);
    const { admin, secrets } = world(new SecretBox(file));
    await admin.put('gate', { value: planted, resource: '' });
    await admin.put('place', { value: '', resource });
    await writeFile(file, `${newer}\n${older}\n`);
    assert.equal(await secrets.read('gate'), planted);
    const rotated = await admin.rotateKey();
    assert.ok(rotated.ok);
    assert.deepEqual(rotated.value.names, ['gate']);
    const again = await admin.rotateKey();
    assert.deepEqual(again.ok && again.value.names, []);
    await writeFile(file, `${newer}\n`);
    assert.equal(await secrets.read('gate'), planted);
    await writeFile(file, `${older}\n`);
    await assert.rejects(secrets.read('gate'), /SECRET_KEY_FILE has no key/);
  });

  it('forgets no secret that a group names', async () => {
    const { store, admin } = world();
    await admin.put('gate', { value: planted, resource: '' });
    const spec = groupSpec();
    await store.commit({ writes: [{ key: keys.group(spec.name), value: spec, ifRevision: 0 }] });
    const used = await admin.delete(spec.gate.passwordSecret);
    assert.ok(!used.ok);
    assert.match(used.message, new RegExp(`is named by ${spec.name}$`));
    await store.commit({ writes: [{ key: keys.group(spec.name), value: null, ifRevision: null }] });
    assert.ok((await admin.delete('gate')).ok);
    assert.deepEqual(await store.list(prefixes.secrets), []);
    assert.equal((await admin.delete('gate')).ok, false);
  });

  it('forgets a secret that only shares its name with a group, a fleet or a user', async () => {
    const { store, admin } = world();
    const spec = groupSpec({ users: [{ username: 'app', passwordSecret: 'app-password' }] });
    await store.commit({ writes: [{ key: keys.group(spec.name), value: spec, ifRevision: 0 }] });
    for (const name of [spec.name, spec.fleet, 'app', 'policy']) {
      await admin.put(name, { value: planted, resource: '' });
      assert.deepEqual(await admin.delete(name), { ok: true, value: null });
    }
    await admin.put('app-password', { value: planted, resource: '' });
    assert.equal((await admin.delete('app-password')).ok, false);
  });

  it('keeps what a client sent, the same once more without a change', async () => {
    const { store, admin, secrets } = world();
    assert.deepEqual(await admin.keep('orders-app', planted), { ok: true });
    const revision = (await store.get(keys.secret('orders-app')))?.revision;
    assert.deepEqual(await admin.keep('orders-app', planted), { ok: true });
    assert.equal((await store.get(keys.secret('orders-app')))?.revision, revision);
    assert.deepEqual(await admin.keep('orders-app', 'another'), { ok: true });
    assert.equal(await secrets.read('orders-app'), 'another');
    const kept = await admin.keep('No Name', planted);
    assert.ok(!kept.ok && !kept.message.includes(planted));
  });
});

describe('LayeredSecrets', () => {
  it('asks the environment and files first, and says what it said when nobody knows', async () => {
    const { admin, secrets } = world();
    await admin.put('outside', { value: 'from-store', resource: '' });
    assert.equal(await secrets.read('outside'), 'from-env');
    await assert.rejects(secrets.read('nowhere'), /CHESTER_SECRET_NOWHERE is not set/);
    await assert.rejects(secrets.read('../../etc/passwd'), /is no name of a secret/);
  });

  it('reads Secret Manager, once a minute', async () => {
    const { admin, secrets } = world();
    await admin.put('app', { value: '', resource });
    const begun = asked.length;
    assert.equal(await secrets.read('app'), planted);
    assert.equal(await secrets.read('app'), planted);
    assert.deepEqual(asked.slice(begun), [`/v1/${resource}:access`]);
    await clock.advance(60_001);
    await secrets.read('app');
    assert.equal(asked.length, begun + 2);
  });

  const failures = [
    { how: 'refuse', says: /projects\/shop\/secrets\/app\/versions\/latest: HTTP 403$/ },
    { how: 'garbage', says: /an unreadable answer$/ },
  ] as const;
  for (const { how, says } of failures) {
    it(`tells of Secret Manager that it ${how}s, and nothing of what it said`, async () => {
      mode = how;
      const { admin, secrets } = world();
      await admin.put('app', { value: '', resource });
      await assert.rejects(secrets.read('app'), (error: Error) => {
        assert.match(error.message, says);
        return !error.message.includes(planted);
      });
      mode = 'work';
    });
  }

  it('does not wait for ever', async () => {
    mode = 'hang';
    const manager = new SecretManager({ clock }, { rootUrl, deadlineMs: 50 });
    await assert.rejects(manager.read(resource), /no answer in time$/);
    mode = 'work';
  });
});
