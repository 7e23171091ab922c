import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { textAt } from '../../../sandbox/cloudsql/json.ts';
import { createServerCa } from '../../../sandbox/cloudsql/server-ca.ts';
import { clientFor, createReplica, project, quick, startDisposable } from './emulator-fixture.ts';

const nowMs = Date.UTC(2026, 10, 22, 3, 4, 5);

describe('createServerCa', () => {
  it('makes an authority that vouches for itself, ten years long', () => {
    const resource = createServerCa('orders', nowMs);
    const certificate = new X509Certificate(textAt(resource, 'cert') ?? '');
    assert(certificate.ca);
    assert(certificate.verify(certificate.publicKey));
    assert.equal(certificate.subject, 'CN=Google Cloud SQL Server CA of orders');
    assert.equal(certificate.issuer, certificate.subject);
    assert.equal(new Date(certificate.validFrom).getTime(), nowMs);
    assert.equal(BigInt(`0x${certificate.serialNumber}`).toString(), resource['certSerialNumber']);
    assert.equal(certificate.fingerprint.replaceAll(':', '').toLowerCase(), resource['sha1Fingerprint']);
  });

  it('makes another one each time', () => {
    assert.notEqual(createServerCa('orders', nowMs)['cert'], createServerCa('orders', nowMs)['cert']);
  });
});

describe('the emulator', { timeout: 300_000 }, () => {
  it('shows an authority of its own for each instance once it is RUNNABLE, and another after a rotation', async () => {
    await using started = await startDisposable({ ...quick, mysqlPort: 13_316, addressPrefix: '127.34' });
    const client = clientFor(started.emulator);
    const certOf = async (instance: string) =>
      (await client.instances.get({ project, instance })).data.serverCaCert?.cert;
    await createReplica(client, 'orders-ro-1');
    const before = await Promise.all(['orders', 'orders-static', 'orders-ro-1'].map(certOf));
    assert.equal(new Set(before).size, 3);
    assert(!before.includes(undefined));
    const url = `${started.emulator.url}sandbox/instances/orders-ro-1/server-ca`;
    assert.equal((await fetch(url, { method: 'POST' })).status, 200);
    const after = await Promise.all(['orders', 'orders-static', 'orders-ro-1'].map(certOf));
    assert.deepEqual(after.slice(0, 2), before.slice(0, 2));
    assert.notEqual(after[2], before[2]);
  });
});
