import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAccessConfig } from '../../coordinator/config-access.ts';
import { EnvironmentReader } from '../../process/environment.ts';
import { isLoopback } from '../../process/loopback.ts';

function parse(env: Readonly<Record<string, string>>, listenHost = '127.0.0.1') {
  const reader = new EnvironmentReader(env);
  return { config: parseAccessConfig(reader, listenHost), problems: reader.problems };
}
const tls = { TLS_CERT_FILE: '/c', TLS_KEY_FILE: '/k' };

describe('parseAccessConfig', () => {
  it('asks for nothing on loopback', () => {
    const { config, problems } = parse({});
    assert.deepEqual(problems, []);
    assert.deepEqual([config.accessFile, config.tls, config.iap, config.agentTokens], [null, null, null, null]);
  });

  const exposed = [
    { env: {}, says: [/TLS_CERT_FILE and TLS_KEY_FILE, or with INSECURE_LISTEN=true/] },
    { env: { INSECURE_LISTEN: 'true' }, says: [] },
    {
      env: { ...tls },
      says: [/HTTP is not encrypted; allowed: HTTP_TLS=true, or INSECURE_HTTP=true/, /ACCESS_FILE is not set/],
    },
    { env: { ...tls, HTTP_TLS: 'true', ACCESS_FILE: '/a' }, says: [] },
    { env: { ...tls, INSECURE_HTTP: 'true', ACCESS_FILE: '/a' }, says: [] },
  ];
  for (const { env, says } of exposed) {
    it(`${says.length === 0 ? 'opens' : 'does not open'} 0.0.0.0 with ${JSON.stringify(env)}`, () => {
      const { problems } = parse(env, '0.0.0.0');
      assert.equal(problems.length, says.length, problems.join('\n'));
      for (const [index, pattern] of says.entries()) assert.match(problems[index] ?? '', pattern);
    });
  }

  const bad = [
    { env: { TLS_CERT_FILE: '/c' }, says: /^TLS_KEY_FILE is not set/ },
    { env: { TLS_KEY_FILE: '/k' }, says: /^TLS_CERT_FILE is not set/ },
    { env: { TLS_CLIENT_CA_FILE: '/a' }, says: /^TLS_CLIENT_CA_FILE is set/ },
    { env: { HTTP_TLS: 'true' }, says: /^HTTP_TLS is set/ },
    { env: { IAP_AUDIENCE: 'me', ACCESS_FILE: '/a' }, says: /^IAP_AUDIENCE is "me"/ },
    { env: { IAP_AUDIENCE: '/projects/1/global/backendServices/2' }, says: /^ACCESS_FILE is not set/ },
    {
      env: { IAP_AUDIENCE: '/projects/1/apps/shop', IAP_KEYS: 'http://keys.example.com/', ACCESS_FILE: '/a' },
      says: /^IAP_KEYS is "http:.*; allowed: an https URL or an absolute path/,
    },
    { env: { AGENT_TOKEN_AUDIENCE: 'chester', AGENT_TOKEN_KEYS: '/k' }, says: /^AGENT_TOKEN_ISSUER is not set/ },
    { env: { AUDIT_MAX: '1' }, says: /^AUDIT_MAX is "1"/ },
  ];
  for (const { env, says } of bad) {
    it(`refuses ${JSON.stringify(env)}`, () => {
      const { problems } = parse(env);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', says);
    });
  }
});

describe('isLoopback', () => {
  const own = ['localhost', '127.0.0.1', '127.9.9.9:1', 'localhost:8443', '::1', '[::1]:8443'];
  const others = [
    '0.0.0.0',
    'coordinator:8443',
    '10.0.0.1',
    '127.0.0.1.example.com',
    '[::]:1',
    'localhost.example.com:1',
  ];
  for (const address of own)
    it(`knows ${address}`, () => {
      assert.equal(isLoopback(address), true);
    });
  for (const address of others)
    it(`does not know ${address}`, () => {
      assert.equal(isLoopback(address), false);
    });
});
