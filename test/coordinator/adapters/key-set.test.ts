import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { KeySet, type TokenRule } from '../../../coordinator/adapters/key-set.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';

const rule: TokenRule = { issuer: 'cluster', audience: 'chester', algorithms: ['ES256'], ageSecondsMax: null };

describe('KeySet', () => {
  it('keeps the keys that it has where none are published', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'chester-keys-'));
    try {
      const location = path.join(folder, 'keys.json');
      const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
      const publish = (keys: readonly object[]): void => {
        writeFileSync(location, JSON.stringify({ keys }));
      };
      publish([{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }]);
      const clock = new FakeClock();
      const set = new KeySet({ location, caFile: null, tokenFile: null }, { clock });
      const nowSeconds = Math.floor(clock.nowMs() / 1000);
      const token = await new SignJWT({ iss: 'cluster', aud: 'chester', sub: 'pod' })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + 7200)
        .sign(privateKey);
      assert.equal((await set.verify(token, rule)).outcome, 'valid');
      publish([]);
      await clock.advance(3_600_000);
      assert.equal((await set.verify(token, rule)).outcome, 'valid');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
