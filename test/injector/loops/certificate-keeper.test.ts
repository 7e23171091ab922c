import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { X509Maker } from '../../../injector/adapters/x509.ts';
import { InjectorError } from '../../../injector/errors.ts';
import { CertificateKeeper } from '../../../injector/loops/certificate-keeper.ts';
import type { Certificate, CertificateStore } from '../../../injector/ports.ts';
import { createLogger } from '../../../process/log.ts';

const dayMs = 86_400_000;
const names = ['chester-injector.chester.svc'];

class FakeStore implements CertificateStore {
  stored: { certificate: Certificate; resourceVersion: string } | null = null;
  trusted = '';
  readonly steps: string[] = [];
  beforeWrite: () => void = () => undefined;

  read() {
    return Promise.resolve(this.stored ?? { certificate: null, resourceVersion: null });
  }

  write(certificate: Certificate, resourceVersion: string | null): Promise<void> {
    this.beforeWrite();
    this.beforeWrite = () => undefined;
    if ((this.stored?.resourceVersion ?? null) !== resourceVersion) {
      return Promise.reject(new InjectorError('CLUSTER_CONFLICT', 'changed'));
    }
    this.stored = { certificate, resourceVersion: String(Number(resourceVersion ?? 0) + 1) };
    this.steps.push('write');
    return Promise.resolve();
  }

  trust(authoritiesPem: string): Promise<void> {
    if (this.trusted !== authoritiesPem) this.steps.push('trust');
    this.trusted = authoritiesPem;
    return Promise.resolve();
  }
}

function keeperOf(store: FakeStore, clock: { nowMs: number }) {
  const served: Certificate[] = [];
  const keeper = new CertificateKeeper(
    {
      store,
      maker: new X509Maker(),
      metrics: {
        reviewed: () => undefined,
        setMissing: () => undefined,
        setCertificateExpiry: () => undefined,
        clusterFailed: () => undefined,
      },
      clock: { nowMs: () => clock.nowMs, monotonicMs: () => clock.nowMs, setTimer: () => () => undefined },
      log: createLogger('test', 'silent'),
      serve: (certificate) => {
        store.steps.push('serve');
        served.push(certificate);
      },
    },
    names,
  );
  return { keeper, served };
}

const authoritiesOf = (pem: string): readonly X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  );

describe('CertificateKeeper', () => {
  it('makes a certificate, lets the API server trust it, and only then shows it', async () => {
    const store = new FakeStore();
    const { keeper, served } = keeperOf(store, { nowMs: Date.now() });
    await keeper.keep();
    assert.deepEqual(store.steps, ['write', 'trust', 'serve']);
    const leaf = new X509Certificate(served[0]?.certificatePem ?? '');
    const [authority] = authoritiesOf(store.trusted);
    assert.ok(authority !== undefined && leaf.checkIssued(authority) && leaf.verify(authority.publicKey));
    assert.equal(leaf.checkHost(names[0] ?? ''), names[0]);
    assert.deepEqual([leaf.ca, authority.ca], [false, true]);
  });

  it('changes nothing while the certificate is good', async () => {
    const store = new FakeStore();
    const clock = { nowMs: Date.now() };
    const { keeper } = keeperOf(store, clock);
    await keeper.keep();
    clock.nowMs += 59 * dayMs;
    await keeper.keep();
    assert.deepEqual(store.steps, ['write', 'trust', 'serve']);
  });

  it('renews it in time, and the API server trusts those that other injectors still show', async () => {
    const store = new FakeStore();
    const clock = { nowMs: Date.now() };
    const { keeper, served } = keeperOf(store, clock);
    await keeper.keep();
    clock.nowMs += 61 * dayMs;
    await keeper.keep();
    assert.equal(served.length, 2);
    for (const { certificatePem } of served) {
      const leaf = new X509Certificate(certificatePem);
      assert.ok(authoritiesOf(store.trusted).some((authority) => leaf.verify(authority.publicKey)));
    }
    clock.nowMs += 61 * dayMs;
    await keeper.keep();
    assert.equal(authoritiesOf(store.trusted).length, 2, 'the first one has ended');
  });

  it('takes what another injector made at the same time', async () => {
    const store = new FakeStore();
    const clock = { nowMs: Date.now() };
    const other = keeperOf(store, clock);
    const { keeper, served } = keeperOf(store, clock);
    const made = new X509Maker().make(names, clock.nowMs, 90 * dayMs);
    store.beforeWrite = () => {
      store.stored = { certificate: made, resourceVersion: '7' };
    };
    await keeper.keep();
    await other.keeper.keep();
    assert.deepEqual([served[0], other.served[0]], [made, made]);
  });

  it('replaces what is broken, or for another name', async () => {
    const broken: readonly Certificate[] = [
      { certificatePem: 'x', keyPem: 'y', authoritiesPem: 'z' },
      new X509Maker().make(['elsewhere.svc'], Date.now(), 90 * dayMs),
    ];
    for (const certificate of broken) {
      const store = new FakeStore();
      store.stored = { certificate, resourceVersion: '1' };
      const { keeper, served } = keeperOf(store, { nowMs: Date.now() });
      await keeper.keep();
      assert.equal(new X509Certificate(served[0]?.certificatePem ?? '').checkHost(names[0] ?? ''), names[0]);
    }
  });

  it('restores the trust that somebody took away', async () => {
    const store = new FakeStore();
    const { keeper } = keeperOf(store, { nowMs: Date.now() });
    await keeper.keep();
    const { trusted } = store;
    store.trusted = '';
    await keeper.keep();
    assert.equal(store.trusted, trusted);
  });
});
