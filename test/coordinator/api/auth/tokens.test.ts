import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey } from 'jose';
import { status } from '@grpc/grpc-js';
import { AccessServer, ask, basic, hashOf, showing } from './access-server.ts';

type Signer = { readonly kid: string; readonly privateKey: CryptoKey; readonly jwk: object };
const issuer = 'https://kubernetes.default.svc';
const audience = '/projects/1234/global/backendServices/99';
const iapIssuer = 'https://cloud.google.com/iap';
const accessFile = `
identities:
  - { name: alice, email: Alice@example.com, roles: [{ role: viewer }] }
  - { name: terraform, passwordHash: '${hashOf('pw')}', roles: [{ role: viewer }] }
agents:
  - { serviceAccount: shop/proxysql, fleets: [main] }
`;

async function makeSigner(kid: string, alg: 'ES256' | 'RS256'): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } };
}

const server = new AccessServer();
let cluster: Signer;
let iap: Signer;
let keysServer: Server;
let published: object[] = [];
let asked = 0;
let isAway = false;

before(async () => {
  cluster = await makeSigner('cluster', 'RS256');
  iap = await makeSigner('iap', 'ES256');
  published = [cluster.jwk];
  keysServer = createServer((_request, answer) => {
    asked += 1;
    answer.statusCode = isAway ? 503 : 200;
    answer.end(isAway ? 'away' : JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => keysServer.listen(0, '127.0.0.1', resolve));
  const { port } = keysServer.address() as AddressInfo;
  const env = {
    ACCESS_FILE: '{dir}/access.yaml',
    IAP_AUDIENCE: audience,
    IAP_KEYS: '{dir}/iap.json',
    AGENT_TOKEN_AUDIENCE: 'chester',
    AGENT_TOKEN_ISSUER: issuer,
    AGENT_TOKEN_KEYS: `http://127.0.0.1:${port}/openid/v1/jwks`,
  };
  await server.start(env, { 'access.yaml': accessFile, 'iap.json': JSON.stringify({ keys: [iap.jwk] }) });
});
after(async () => {
  await server.stop();
  keysServer.close();
});

const nowSeconds = () => Math.floor(server.clock.nowMs() / 1000);

type Claims = Readonly<Record<string, unknown>>;

function sign(signer: Signer, claims: Claims, times = { iat: 0, exp: 600 }, alg = 'RS256'): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg, kid: signer.kid })
    .setIssuedAt(nowSeconds() + times.iat)
    .setExpirationTime(nowSeconds() + times.exp)
    .sign(signer.privateKey);
}

const pod = {
  iss: issuer,
  aud: 'chester',
  sub: 'system:serviceaccount:shop:proxysql',
  'kubernetes.io': { pod: { uid: 'u1' } },
};

/** Says Hello with a token; resolves with the first answer, or with why there is none. */
function join(token: string, { fleet = 'main', podUid = 'u1' } = {}): Promise<string> {
  const call = server.agent().connect(showing(token === '' ? {} : { authorization: `Bearer ${token}` }));
  return new Promise((resolve) => {
    call.on('data', ({ message }: { message?: string }) => {
      resolve(message ?? '');
      call.cancel();
    });
    call.on('error', ({ code, details }: { code: status; details: string }) => {
      resolve(`${status[code]}: ${details}`);
    });
    call.write({ hello: { agentId: 'a', fleet, cell: 'default', podUid }, message: 'hello' });
  });
}

describe('service-account tokens of agents', () => {
  it('are taken when the cluster signed them for us', async () => {
    assert.equal(await join(await sign(cluster, pod)), 'welcome');
  });

  const refused = [
    { what: 'for another audience', claims: { ...pod, aud: 'vault' } },
    { what: 'of another issuer', claims: { ...pod, iss: 'https://elsewhere' } },
    { what: 'that are over', claims: pod, times: { iat: -700, exp: -40 } },
    { what: 'of no service account', claims: { ...pod, sub: 'alice' } },
  ];
  for (const { what, claims, times } of refused) {
    it(`are refused ${what}`, async () => {
      assert.match(await join(await sign(cluster, claims, times)), /^UNAUTHENTICATED: /);
    });
  }

  it('are refused when they were changed, signed by nobody, or no tokens at all', async () => {
    const [header = '', body = '', signature = ''] = (await sign(cluster, pod)).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const other = Buffer.from(JSON.stringify({ ...pod, sub: 'system:serviceaccount:shop:admin' })).toString(
      'base64url',
    );
    const hmac = Buffer.from('{"alg":"HS256","kid":"cluster"}').toString('base64url');
    for (const token of [
      `${header}.${other}.${signature}`,
      `${none}.${body}.`,
      `${hmac}.${body}.${signature}`,
      'x',
      '',
    ]) {
      assert.match(await join(token), /^UNAUTHENTICATED: /, token);
    }
  });

  it('are held to account, fleet and pod, in words', async () => {
    const admin = { ...pod, sub: 'system:serviceaccount:shop:admin' };
    assert.match(
      await join(await sign(cluster, admin)),
      /^PERMISSION_DENIED: service account shop\/admin may not join fleet "main"/,
    );
    assert.match(await join(await sign(cluster, pod), { fleet: 'x' }), /^PERMISSION_DENIED: .* fleet "x"/);
    assert.match(await join(await sign(cluster, pod), { podUid: 'u2' }), /^PERMISSION_DENIED: .*another pod/);
    assert.equal(await join(await sign(cluster, pod), { podUid: '' }), 'welcome');
  });

  it('are verified with new keys once an unknown one is named, but not at every such token', async () => {
    const rotated = await makeSigner('rotated', 'RS256');
    published = [cluster.jwk, rotated.jwk];
    await server.clock.advance(31_000);
    assert.equal(await join(await sign(rotated, pod)), 'welcome');
    const before = asked;
    const unknown = await makeSigner('unknown', 'RS256');
    for (let turn = 0; turn < 5; turn += 1) assert.match(await join(await sign(unknown, pod)), /^UNAUTHENTICATED: /);
    assert.equal(asked, before);
  });

  it('are verified with kept keys while nobody answers, and with none after a day', async () => {
    isAway = true;
    await server.clock.advance(3_600_000);
    assert.equal(await join(await sign(cluster, pod)), 'welcome');
    await server.clock.advance(24 * 3_600_000);
    assert.match(await join(await sign(cluster, pod)), /^UNAVAILABLE: the keys of the cluster's tokens cannot be read/);
    isAway = false;
    await server.clock.advance(31_000);
    assert.equal(await join(await sign(cluster, pod)), 'welcome');
  });

  it('leave no trace in the log', () => {
    assert.doesNotMatch(server.log, /eyJ/);
  });
});

describe("IAP's assertions", () => {
  const claims = { iss: iapIssuer, aud: audience, sub: 'accounts.google.com:1', email: 'alice@example.com' };
  const show = async (assertion: string, more: Claims = {}) => {
    const metadata = showing({ 'x-goog-iap-jwt-assertion': assertion, ...(more as Record<string, string>) });
    return (await ask(server.admin(), 'GetGroup', { name: 'orders' }, metadata)).code;
  };

  it('say who calls', async () => {
    const assertion = await sign(iap, claims, undefined, 'ES256');
    assert.equal(await show(assertion), 'OK');
    assert.equal(await show(assertion), 'OK');
    assert.equal(server.callers.at(-1), 'alice');
  });

  it('end with their time, also when they were seen before', async () => {
    const assertion = await sign(iap, claims, { iat: 0, exp: 40 }, 'ES256');
    assert.equal(await show(assertion), 'OK');
    await server.clock.advance(71_000);
    assert.equal(await show(assertion), 'UNAUTHENTICATED');
  });

  const refused = [
    { what: 'another audience', claims: { ...claims, aud: '/projects/1234/global/backendServices/98' } },
    { what: 'another issuer', claims: { ...claims, iss: 'https://accounts.google.com' } },
    { what: 'no address', claims: { ...claims, email: undefined } },
    { what: 'somebody who is not listed', claims: { ...claims, email: 'bob@example.com' } },
    { what: 'a time long gone', claims, times: { iat: -2000, exp: 600 } },
  ];
  for (const one of refused) {
    it(`are refused with ${one.what}`, async () => {
      assert.equal(await show(await sign(iap, one.claims, one.times, 'ES256')), 'UNAUTHENTICATED');
    });
  }

  it('are refused when the cluster signed them', async () => {
    assert.equal(await show(await sign({ ...cluster, kid: 'iap' }, claims)), 'UNAUTHENTICATED');
  });

  it('leave it to a login when they name nobody who is listed, and end it when they are bad', async () => {
    const bob = await sign(iap, { ...claims, email: 'bob@example.com' }, undefined, 'ES256');
    const [authorization] = basic('terraform:pw').get('authorization');
    assert.equal(await show(bob, { authorization }), 'OK');
    assert.equal(await show(`${bob}x`, { authorization }), 'UNAUTHENTICATED');
  });
});
