import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { run } from '../run.ts';
import { entitiesOf, expected, text } from './entities.ts';

type Declared = { readonly groups: readonly Record<string, unknown>[] };

describe('chester import chester, from Google', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha512' };
  const kms = {
    KMSProject: text('keys'),
    KMSLocation: text('eu'),
    KMSKeyRing: text('ring'),
    KMSKeyName: text('chester'),
    KMSKeyVersion: text('1'),
  };
  const keyVersion = 'projects/keys/locations/eu/keyRings/ring/cryptoKeys/chester/cryptoKeyVersions/1';
  const asked: string[] = [];
  let google: Server;
  let address: string;

  before(async () => {
    // As Chester encrypts: RSA-OAEP with SHA-512, in base64 for URLs.
    const encrypted = publicEncrypt({ key: publicKey, ...oaep }, Buffer.from('planted-password')).toString('base64url');
    const entities = ['orders', 'payments', 'shop'].flatMap((name) => entitiesOf(name, encrypted, kms)) as {
      key: { path: { kind: string }[] };
    }[];
    google = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part));
      request.on('end', () => {
        asked.push(request.url ?? '');
        const given = JSON.parse(body) as {
          query?: { kind: [{ name: string }]; startCursor?: string };
          ciphertext?: string;
        };
        if (request.url === `/v1/${keyVersion}:asymmetricDecrypt`) {
          const plain = privateDecrypt({ key: privateKey, ...oaep }, Buffer.from(given.ciphertext ?? '', 'base64'));
          response.end(JSON.stringify({ plaintext: plain.toString('base64') }));
          return;
        }
        // Two a page.
        const found = entities.filter(({ key }) => key.path.at(-1)?.kind === given.query?.kind[0].name);
        const from = Number(given.query?.startCursor ?? 0);
        const page = found.slice(from, from + 2);
        const moreResults = from + 2 < found.length ? 'NOT_FINISHED' : 'NO_MORE_RESULTS';
        response.end(
          JSON.stringify({
            batch: { entityResults: page.map((entity) => ({ entity })), endCursor: String(from + 2), moreResults },
          }),
        );
      });
    });
    google.listen(0, '127.0.0.1');
    await once(google, 'listening');
    address = `127.0.0.1:${(google.address() as AddressInfo).port}`;
  });
  after(() => google.close());

  it('reads Datastore page by page, and decrypts by the key that Chester noted', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'chester-import-'));
    const env = { DATASTORE_EMULATOR_HOST: address, CHESTER_KMS_ROOT_URL: `http://${address}/` };
    const args = ['import', 'chester', '--project', 'shop-prod-1', '--decrypt', '--secrets-dir', folder];
    const { exitCode, stdout, stderr } = await run(args, { env });
    assert.equal(exitCode, 0, stderr);
    const { groups } = parse(stdout) as Declared;
    assert.deepEqual(
      groups.map(({ name }) => name),
      ['orders', 'payments', 'shop'],
    );
    assert.deepEqual(groups[0], expected);
    assert.deepEqual((await readdir(folder)).toSorted(), ['orders-app', 'payments-app', 'shop-app']);
    assert.equal(await readFile(path.join(folder, 'shop-app'), 'utf8'), 'planted-password');
    assert.equal(asked.filter((url) => url === '/v1/projects/shop-prod-1:runQuery').length, 4);
    assert.doesNotMatch(stdout + stderr, /planted/);
    await rm(folder, { recursive: true });
  });

  it('takes no ciphertext for a password when it was not told to decrypt', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'chester-import-'));
    const args = ['import', 'chester', '--project', 'shop-prod-1', '--secrets-dir', folder];
    const { stderr } = await run(args, { env: { DATASTORE_EMULATOR_HOST: address } });
    assert.deepEqual(await readdir(folder), []);
    assert.match(stderr, /orders-app: the password of user app of orders/);
    await rm(folder, { recursive: true });
  });

  it('says who does not answer', async () => {
    const { exitCode, stderr } = await run(['import', 'chester', '--project', 'p'], {
      env: { DATASTORE_EMULATOR_HOST: '127.0.0.1:1' },
    });
    assert.equal(exitCode, 1);
    assert.match(stderr, /127\.0\.0\.1:1\/v1\/projects\/p:runQuery/);
  });
});
