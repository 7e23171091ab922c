import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { hashPassword } from '../../../coordinator/adapters/password-hash.ts';
import { ProxySecretsAdapter } from '../../../coordinator/adapters/proxy-secrets.ts';
import { CoordinatorError } from '../../../coordinator/errors.ts';
import { createSelfSigned } from '../../../sandbox/cloudsql/self-signed.ts';

const subject = { commonName: 'client', serial: Buffer.from([1, 2]), fromMs: 0, untilMs: 1e12 };
const { certificatePem, keyPem } = createSelfSigned(subject);
const { keyPem: otherKeyPem } = createSelfSigned(subject);
const sha2 = `$A$005$${'\u0001"\'\\\u007f'.repeat(4)}${'a1./Z'.repeat(8)}abc`;

describe('hashPassword', () => {
  const cases = [
    // As `SELECT PASSWORD(...)` of MySQL 5.7 and ProxySQL say.
    ['password', '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'],
    ['pässword', '*809D64D632EB9BAB610456B482D94C2E267965C8'],
    ['*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19', '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'],
    ['*2470c0c06dee42fd1618bb99005adca2ec9d1e19', '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'],
    [sha2, sha2],
  ] as const;
  for (const [password, hash] of cases) {
    it(`keeps ${JSON.stringify(password.slice(0, 12))} as ${hash.slice(0, 8)}…`, () => {
      assert.equal(hashPassword(password), hash);
    });
  }

  it('hashes what only looks like a hash', () => {
    for (const password of [
      '*',
      '*2470',
      `*${'G'.repeat(40)}`,
      '$A$005$short',
      sha2.slice(1),
      `${sha2}x`,
      `x${sha2}`,
    ]) {
      assert.match(hashPassword(password), /^\*[0-9A-F]{40}$/);
      assert.notEqual(hashPassword(password), password);
    }
  });
});

function adapter(values: Readonly<Record<string, string>>): ProxySecretsAdapter {
  const read = (name: string) =>
    name in values
      ? Promise.resolve(values[name] ?? '')
      : Promise.reject(new CoordinatorError('SECRET_MISSING', `secret ${name}: not there`));
  return new ProxySecretsAdapter({ secrets: { read } });
}

describe('ProxySecretsAdapter', () => {
  it('hashes passwords', async () => {
    const value = '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19';
    assert.deepEqual(await adapter({ app: 'password' }).readPasswordHash('app'), { outcome: 'read', value });
  });

  it('says what is missing, and takes an empty password for missing', async () => {
    const missing = (reason: string) => ({ outcome: 'missing', reason });
    assert.deepEqual(await adapter({}).readPasswordHash('app'), missing('secret app: not there'));
    assert.deepEqual(await adapter({ app: '' }).readPasswordHash('app'), missing('secret app is empty'));
  });

  it('lets through what is no answer', async () => {
    const secrets = { read: () => Promise.reject(new Error('bug')) };
    await assert.rejects(new ProxySecretsAdapter({ secrets }).readPasswordHash('app'), /bug/);
  });

  it('takes a certificate with its key, as files end', async () => {
    const secrets = adapter({ cert: `\n${certificatePem.trim()}`, key: keyPem.trim() });
    assert.deepEqual(await secrets.readClientCertificate('cert', 'key'), {
      outcome: 'read',
      value: { certificatePem: `${certificatePem.trim()}\n`, keyPem: `${keyPem.trim()}\n` },
    });
  });

  const { privateKey: encrypted } = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' },
  });
  const bad: readonly (readonly [name: string, values: Readonly<Record<string, string>>, reason: RegExp])[] = [
    ['no certificate', { key: keyPem }, /^secret cert: not there$/],
    ['no key', { cert: certificatePem }, /^secret key: not there$/],
    ['no PEM', { cert: 'SENSITIVE', key: keyPem }, /^secret cert holds no certificate in PEM form$/],
    [
      'a broken certificate',
      { cert: certificatePem.replace('MI', '!!'), key: keyPem },
      /^secret cert holds no certificate/,
    ],
    ['a key that is none', { cert: certificatePem, key: 'SENSITIVE' }, /^secret key holds no private key/],
    ['a key with a passphrase', { cert: certificatePem, key: encrypted }, /^secret key holds .* without a passphrase$/],
    [
      'the key of another one',
      { cert: certificatePem, key: otherKeyPem },
      /^secret key is not the key of the certificate/,
    ],
  ];
  for (const [name, values, reason] of bad) {
    it(`does not take ${name}, and tells nothing of it`, async () => {
      const reading = await adapter(values).readClientCertificate('cert', 'key');
      assert(reading.outcome === 'missing');
      assert.match(reading.reason, reason);
      assert.doesNotMatch(reading.reason, /SENSITIVE|BEGIN/);
    });
  }
});
