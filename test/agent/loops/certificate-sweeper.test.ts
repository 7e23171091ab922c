import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { TableView } from '../../../agent/core/table.ts';
import { AgentError } from '../../../agent/errors.ts';
import { CertificateSweeper } from '../../../agent/loops/certificate-sweeper.ts';
import { FakeCertificateFiles } from '../fakes/fake-modules.ts';
import { FakeLog } from '../fakes/fake-ports.ts';

const using = (name: string): TableView => {
  const rows = [{ hostname: 'a', port: '3306', ssl_ca: `/tls/${name}` }];
  return { memory: rows, runtime: rows };
};

describe('CertificateSweeper', () => {
  let files: FakeCertificateFiles;
  let log: FakeLog;
  let sweeper: CertificateSweeper;
  beforeEach(async () => {
    files = new FakeCertificateFiles();
    log = new FakeLog();
    sweeper = new CertificateSweeper({ files, log });
    await files.write(['ca-00.pem', 'ca-11.pem'].map((name) => ({ name, kind: 'ca', pem: name })));
  });

  it('removes what no row refers to, once rows have changed', async () => {
    await sweeper.sweep(using('ca-00.pem'), []);
    assert.deepEqual(await files.list(), ['ca-00.pem']);
    await files.write([{ name: 'ca-22.pem', kind: 'ca', pem: '' }]);
    await sweeper.sweep(using('ca-00.pem'), []);
    assert.deepEqual(await files.list(), ['ca-00.pem', 'ca-22.pem']);
    await sweeper.sweep(using('ca-22.pem'), []);
    assert.deepEqual(await files.list(), ['ca-22.pem']);
  });

  it('tries again what could not be removed', async () => {
    files.nextError = new AgentError('TLS_FILE_FAILED', 'read-only');
    await sweeper.sweep(using('ca-00.pem'), []);
    assert.deepEqual(
      log.lines.map(({ level }) => level),
      ['warn'],
    );
    await sweeper.sweep(using('ca-00.pem'), []);
    assert.deepEqual(await files.list(), ['ca-00.pem']);
  });

  it('leaves a folder alone that is not configured', async () => {
    files.folder = null;
    await sweeper.sweep(using('ca-00.pem'), []);
    assert.equal((await files.list()).length, 2);
  });
});
