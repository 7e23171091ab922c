import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ChannelCredentials, credentials, type ServiceError } from '@grpc/grpc-js';
import { GrpcCoordinatorLink } from '../../../../agent/adapters/coordinator-stream.ts';
import type { ClientSecurity } from '../../../../process/client-credentials.ts';
import { agent, alice, authority, renewed, server as serverPair, stranger } from '../../../fakes/certificates.ts';
import { AccessServer, ask, bearer, digestOf, showing, tokenOf } from './access-server.ts';

const accessFile = `
identities:
  - { name: alice, certificates: [CN=alice], roles: [{ role: viewer }] }
  - { name: ci, tokens: [${digestOf(tokenOf('ci'))}], roles: [{ role: viewer }] }
agents:
  - { certificate: 'URI:spiffe://cluster.local/ns/*/sa/proxysql', fleets: [main] }
`;
const files = {
  'access.yaml': accessFile,
  'tls.crt': serverPair.certificate,
  'tls.key': serverPair.key,
  'ca.crt': authority,
  'agent.crt': agent.certificate,
  'agent.key': agent.key,
};
const server = new AccessServer();
before(() =>
  server.start(
    {
      ACCESS_FILE: '{dir}/access.yaml',
      TLS_CERT_FILE: '{dir}/tls.crt',
      TLS_KEY_FILE: '{dir}/tls.key',
      TLS_CLIENT_CA_FILE: '{dir}/ca.crt',
    },
    files,
  ),
);
after(() => server.stop());

type Pair = { readonly certificate: string; readonly key: string };
const channel = (pair: Pair | null = null): ChannelCredentials =>
  credentials.createSsl(
    Buffer.from(authority),
    pair === null ? null : Buffer.from(pair.key),
    pair === null ? null : Buffer.from(pair.certificate),
  );
const getGroup = (pair: Pair | null, metadata = showing({})) =>
  ask(server.admin(channel(pair)), 'GetGroup', { name: 'orders' }, metadata);

/** One stream of an agent up to its Welcome, or to why there is none. */
function join(security: ClientSecurity, fleet = 'main'): Promise<string> {
  return new Promise((resolve) => {
    const link = new GrpcCoordinatorLink(server.address, security);
    const stream = link.open({
      received: ({ kind }) => {
        resolve(kind);
        void stream.end();
      },
      ended: resolve,
    });
    const hello = {
      agentId: 'a',
      bootId: 'b',
      cell: 'default',
      fleet,
      podUid: '',
      proxysqlVersion: '',
      proxyBoot: 'p',
    };
    stream.send({ kind: 'hello', ...hello, known: [], received: [], maxEpoch: 0, refusal: null } as never);
  });
}
const tls = (pair: boolean) => ({
  tls: {
    caFile: server.file('ca.crt'),
    certificateFile: pair ? server.file('agent.crt') : null,
    keyFile: pair ? server.file('agent.key') : null,
    serverName: null,
  },
  tokenFile: null,
});

describe('mutual TLS', () => {
  it('knows a person by the name in a certificate', async () => {
    assert.equal((await getGroup(alice)).code, 'OK');
    assert.equal(server.callers.at(-1), 'alice');
  });

  it('takes a token from who has no certificate', async () => {
    assert.equal((await getGroup(null)).code, 'UNAUTHENTICATED');
    assert.equal((await getGroup(null, bearer(tokenOf('ci')))).code, 'OK');
  });

  it('takes a certificate of another authority for none', async () => {
    assert.equal((await getGroup(stranger)).code, 'UNAUTHENTICATED');
    assert.equal((await getGroup(stranger, bearer(tokenOf('ci')))).code, 'OK');
  });

  it('does not fall back to a certificate when a token is wrong', async () => {
    assert.equal((await getGroup(alice, bearer('cht_wrong'))).code, 'UNAUTHENTICATED');
  });

  it('does not talk to who does not encrypt', async () => {
    const answer = await ask(server.admin(), 'GetGroup', { name: 'orders' }, bearer(tokenOf('ci')));
    assert.equal(answer.code, 'UNAVAILABLE');
  });

  it('is not believed by a client that trusts somebody else', async () => {
    const other = credentials.createSsl(Buffer.from(stranger.certificate));
    const answer = await ask(server.admin(other), 'GetGroup', { name: 'orders' });
    assert.equal(answer.code, 'UNAVAILABLE');
  });
});

describe('an agent with a certificate', () => {
  it('joins the fleets of its name', async () => {
    assert.equal(await join(tls(true)), 'welcome');
  });

  it('is told in words that another fleet is not its own', async () => {
    const handled = server.handled.length;
    assert.match(await join(tls(true), 'other'), /^7: CN=proxysql may not join fleet "other" in cell "default"$/);
    assert.equal(server.handled.length, handled);
  });

  it('is turned away without it', async () => {
    assert.match(await join(tls(false)), /^16: the agent showed no client certificate and no service-account token/);
  });

  it('is told which file it cannot read', async () => {
    const gone = { ...tls(true).tls, keyFile: server.file('gone.key') };
    assert.match(await join({ tls: gone, tokenFile: null }), /gone\.key cannot be read \(ENOENT\)$/);
  });

  it('reads its files again at each connect', async () => {
    await server.write('agent.crt', stranger.certificate);
    await server.write('agent.key', stranger.key);
    assert.match(await join(tls(true)), /^16: /);
    await server.write('agent.key', agent.key);
    assert.match(await join(tls(true)), /cannot be used together as authority, certificate and key$/);
    await server.write('agent.crt', agent.certificate);
    assert.equal(await join(tls(true)), 'welcome');
  });
});

describe('certificates that are exchanged', () => {
  const subject = (pair: Pair | null): Promise<string> =>
    new Promise((resolve, reject) => {
      const client = server.admin(
        credentials.createSsl(
          Buffer.from(authority),
          pair && Buffer.from(pair.key),
          pair && Buffer.from(pair.certificate),
          {
            checkServerIdentity: (_host, { subject: { CN } }) => {
              resolve(String(CN));
              return undefined;
            },
          },
        ),
      );
      ask(client, 'GetGroup', {}).catch(reject);
    });

  it('count for new connections, while old ones live on; a pair that does not fit changes nothing', async () => {
    const stream = server.agent(channel(agent)).connect();
    const welcomes: string[] = [];
    let fault: ServiceError | null = null;
    stream.on('data', () => welcomes.push('welcome'));
    stream.on('error', (error: ServiceError) => (fault = error));
    const hello = { agentId: 'a', fleet: 'main', cell: 'default' };
    stream.write({ hello, message: 'hello' });
    await until(() => welcomes.length === 1);
    assert.equal(await subject(null), 'coordinator');

    await server.write('tls.crt', renewed.certificate);
    await tick(() => server.log.includes('is not the key of the certificate'));
    assert.equal(await subject(null), 'coordinator');

    await server.write('tls.key', renewed.key);
    await tick(() => server.log.includes('certificates were exchanged'));
    assert.equal(await subject(null), 'coordinator-renewed');
    stream.write({ report: {}, message: 'report' });
    await until(() => welcomes.length === 2);
    assert.equal(fault, null);
    stream.cancel();
    assert.doesNotMatch(server.log, /BEGIN|PRIVATE/);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn += 1) {
    assert.ok(turn < 3000, 'waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Moves the clock on until something is so: files are looked at every two seconds. */
async function tick(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn += 1) {
    assert.ok(turn < 3000, 'waited in vain');
    await server.clock.advance(2001);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
