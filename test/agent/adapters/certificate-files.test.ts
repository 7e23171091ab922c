import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CertificateFolder } from '../../../agent/adapters/certificate-files.ts';
import type { CertificateFile } from '../../../agent/core/tls-params.ts';
import { AgentError } from '../../../agent/errors.ts';

const ca: CertificateFile = { name: 'ca-00ff.pem', kind: 'ca', pem: 'CA' };
const cert: CertificateFile = { name: 'cert-00ff.pem', kind: 'cert', pem: 'CERT' };
const key: CertificateFile = { name: 'key-00ff.pem', kind: 'key', pem: 'KEY' };

describe('CertificateFolder', () => {
  let folder = '';
  beforeEach(async () => {
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'chester-tls-')), 'made', 'by-us');
  });
  afterEach(async () => {
    await rm(path.dirname(path.dirname(folder)), { recursive: true, force: true });
  });
  const modeOf = async (name: string) => (await stat(path.join(folder, name))).mode & 0o777;
  const failsWith = (text: string) => (error: unknown) =>
    error instanceof AgentError && error.code === 'TLS_FILE_FAILED' && error.message.includes(text);

  it('lets everybody read certificates, and only the group a key', async () => {
    const files = new CertificateFolder({ folder, group: String(process.getgid?.() ?? 0) });
    await files.write([ca, cert, key]);
    assert.deepEqual((await files.list()).toSorted(), [ca.name, cert.name, key.name]);
    assert.equal(await readFile(path.join(folder, key.name), 'utf8'), 'KEY');
    assert.deepEqual(await Promise.all([ca, cert, key].map(({ name }) => modeOf(name))), [0o644, 0o644, 0o640]);
    assert.equal((await stat(path.join(folder, key.name))).gid, process.getgid?.() ?? 0);
  });

  it('gives a key to a group that is named', async () => {
    const line = (await readFile('/etc/group', 'utf8'))
      .split('\n')
      .find((one) => one.split(':')[2] === String(process.getgid?.()));
    await new CertificateFolder({ folder, group: line?.split(':')[0] ?? null }).write([key]);
    assert.equal((await stat(path.join(folder, key.name))).gid, process.getgid?.() ?? 0);
    const unknown = new CertificateFolder({ folder, group: 'no-such-group' });
    await assert.rejects(unknown.write([key]), failsWith('no-such-group'));
  });

  it('replaces what a crash or a person left, whole and with its rights', async () => {
    const files = new CertificateFolder({ folder, group: null });
    await files.write([key]);
    await writeFile(path.join(folder, key.name), 'HALF');
    await writeFile(path.join(folder, `.${key.name}.new`), 'HALF');
    await files.write([key]);
    assert.equal(await readFile(path.join(folder, key.name), 'utf8'), 'KEY');
    await chmod(path.join(folder, key.name), 0o666);
    await files.write([key]);
    assert.equal(await modeOf(key.name), 0o640);
    assert.deepEqual(await readdir(folder), [key.name]);
  });

  it('leaves a file alone that holds what it should', async () => {
    const files = new CertificateFolder({ folder, group: null });
    await files.write([ca]);
    const { ino } = await stat(path.join(folder, ca.name));
    await files.write([ca]);
    assert.equal((await stat(path.join(folder, ca.name))).ino, ino);
  });

  it('removes files, also those that are gone', async () => {
    const files = new CertificateFolder({ folder, group: null });
    assert.deepEqual(await files.list(), []);
    await files.write([ca, cert]);
    await files.remove([ca.name, key.name]);
    assert.deepEqual(await files.list(), [cert.name]);
  });

  it('names the path that it cannot write', async () => {
    await writeFile(path.dirname(path.dirname(folder)) + '/made', '');
    const files = new CertificateFolder({ folder, group: null });
    await assert.rejects(files.write([ca]), failsWith(folder));
  });

  it('writes nothing where no folder is configured', async () => {
    const files = new CertificateFolder({ folder: null, group: null });
    await files.write([]);
    assert.deepEqual(await files.list(), []);
    await assert.rejects(files.write([ca]), failsWith('no folder'));
  });
});
