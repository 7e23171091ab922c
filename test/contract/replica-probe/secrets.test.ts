import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { Secrets } from '../../../coordinator/adapters/secrets.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'chester-secrets-'));
after(() => {
  rmSync(dir, { recursive: true });
});

describe('Secrets', () => {
  it('takes the environment first, also an empty value, then the file', async () => {
    writeFileSync(path.join(dir, 'gate-password'), 'from file\n');
    const env = { CHESTER_SECRET_GATE_PASSWORD: 'from env', CHESTER_SECRET_EMPTY: '' };
    assert.equal(await new Secrets({ env, dir }).read('gate-password'), 'from env');
    assert.equal(await new Secrets({ env, dir }).read('empty'), '');
    assert.equal(await new Secrets({ env: {}, dir }).read('gate-password'), 'from file');
  });

  it('trims one line break at the end and nothing else, and reads anew each time', async () => {
    const secrets = new Secrets({ env: {}, dir });
    for (const [written, value] of [
      [' a b \n\n', ' a b \n'],
      ['second\r\n', 'second'],
      ['third', 'third'],
    ] as const) {
      writeFileSync(path.join(dir, 'rotated'), written);
      assert.equal(await secrets.read('rotated'), value);
    }
  });

  it('names a missing secret and both places', async () => {
    const secrets = new Secrets({ env: {}, dir });
    const both = new RegExp(
      `no-such: CHESTER_SECRET_NO_SUCH is not set, and ${dir}/no-such cannot be read \\(ENOENT\\)`,
    );
    await assert.rejects(secrets.read('no-such'), { code: 'SECRET_MISSING', message: both });
    mkdirSync(path.join(dir, 'folder'));
    await assert.rejects(secrets.read('folder'), { code: 'SECRET_MISSING', message: /EISDIR/ });
    const withoutFiles = new Secrets({ env: {}, dir: null });
    await assert.rejects(withoutFiles.read('no-such'), { code: 'SECRET_MISSING', message: /no folder/ });
  });

  it('reads no file outside its folder', async () => {
    const secrets = new Secrets({ env: {}, dir: path.join(dir, 'folder') });
    for (const name of ['../gate-password', '..', '', '/etc/hostname', 'a/b', 'a.b', 'A', 'a\0']) {
      await assert.rejects(secrets.read(name), { code: 'SECRET_MISSING', message: /is no name of a secret/ });
    }
  });
});
