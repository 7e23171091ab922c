import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GroupTarget } from '../../../agent/core/snapshot.ts';
import type { TableRow, TableView } from '../../../agent/core/table.ts';
import {
  listCertificateFiles,
  listUnusedFiles,
  needsTlsParams,
  planTlsParams,
  tlsParamsTable,
} from '../../../agent/core/tls-params.ts';
import { FakeTable } from '../fakes/fake-table.ts';
import { desired, removed, target } from '../fakes/targets.ts';

const digest = (text: string) => Buffer.from(text).toString('hex').slice(0, 16);
const client = { certificatePem: 'cert', keyPem: 'key' };
const pair = digest('cert\nkey');
const columns = Object.keys(tlsParamsTable.columns);
const tls = { folder: '/tls', digest };

function group(
  more: { readonly caId?: string; readonly client?: typeof client | null; readonly useSsl?: boolean } = {},
): GroupTarget {
  const { caId = 'aa00', client: clientCertificate = null, useSsl = true } = more;
  const servers = [
    desired(10, 'w', { useSsl, caId }),
    desired(20, 'r', { useSsl, caId }),
    desired(20, 'w', { useSsl, caId }),
  ];
  const certificates = [
    { id: 'aa00', pem: 'CA' },
    { id: 'bb00', pem: 'UNUSED' },
  ];
  return target(servers, [], { hostgroups: { certificates, clientCertificate } });
}

function plan(targets: readonly GroupTarget[], view: TableView, standing: readonly string[] = []) {
  return planTlsParams(targets, view, { ...tls, columns, isStanding: (address) => standing.includes(address) });
}

const nothing: TableView = { memory: [], runtime: [] };

describe('planTlsParams', () => {
  it('writes one row for each address, with files of the folder', () => {
    const [one] = plan([group({ client })], nothing).groups;
    assert.deepEqual(
      one?.writes.map((row) => [
        row['hostname'],
        row['port'],
        row['username'],
        row['ssl_ca'],
        row['ssl_cert'],
        row['ssl_key'],
        row['comment'],
      ]),
      ['w', 'r'].map((name) => [
        name,
        '3306',
        '',
        '/tls/ca-aa00.pem',
        `/tls/cert-${pair}.pem`,
        `/tls/key-${pair}.pem`,
        'chester orders tls',
      ]),
    );
  });

  it('writes nothing for servers without TLS, or without anything to check', () => {
    for (const one of [group({ useSsl: false, client }), group({ caId: '' })]) {
      assert.deepEqual(plan([one], nothing).groups[0]?.writes, []);
      assert.equal(needsTlsParams(one.body), false);
    }
    assert.equal(needsTlsParams(group().body), true);
  });

  it('changes the row when the certificate changes', () => {
    const world = new FakeTable(tlsParamsTable);
    world.replace(plan([group()], world.view).groups[0]!.writes);
    world.load();
    assert.equal(plan([group()], world.view).groups[0]?.isSettled, true);
    const [rotated] = plan([group({ caId: 'bb00' })], world.view).groups;
    assert.deepEqual(
      rotated?.writes.map((row) => row['ssl_ca']),
      ['/tls/ca-bb00.pem', '/tls/ca-bb00.pem'],
    );
    assert.deepEqual([rotated.deletes, rotated.needsLoad], [[], true]);
  });

  it('keeps the row of a server that still drains', () => {
    const world = new FakeTable(tlsParamsTable);
    world.replace(plan([group()], world.view).groups[0]!.writes);
    world.load();
    const without = target([desired(10, 'w', { useSsl: true, caId: 'aa00' })], [], {
      hostgroups: { certificates: [{ id: 'aa00', pem: 'CA' }] },
    });
    const names = (standing: readonly string[]) =>
      plan([without], world.view, standing).groups[0]?.deletes.map((row) => row['hostname']);
    assert.deepEqual(names(['w:3306', 'r:3306']), []);
    assert.deepEqual(names(['w:3306']), ['r']);
    assert.deepEqual(
      plan([removed([])], world.view, ['w:3306']).groups[0]?.deletes.map((row) => row['hostname']),
      ['r'],
    );
  });

  it('takes the row away from a server that is to go without', () => {
    const world = new FakeTable(tlsParamsTable);
    world.replace(plan([group()], world.view).groups[0]!.writes);
    world.load();
    assert.equal(plan([group({ useSsl: false })], world.view, ['w:3306', 'r:3306']).groups[0]?.deletes.length, 2);
  });

  it("leaves somebody else's row", () => {
    const foreign: TableRow = { ...tlsParamsTable.columns, hostname: 'r', port: '3306', username: 'app', comment: '' };
    const world = new FakeTable(tlsParamsTable, [foreign]);
    const all = plan([group()], world.view);
    assert.deepEqual([all.groups[0]?.writes.length, all.foreignPending], [2, []]);
  });
});

describe('listCertificateFiles', () => {
  it('lists what the rows refer to, and nothing else', () => {
    const files = listCertificateFiles(group({ client }).body, tls);
    assert.deepEqual(
      files.map(({ name, kind, pem }) => [name, kind, pem]),
      [
        ['ca-aa00.pem', 'ca', 'CA'],
        [`cert-${pair}.pem`, 'cert', 'cert'],
        [`key-${pair}.pem`, 'key', 'key'],
      ],
    );
    assert.deepEqual(listCertificateFiles(group({ useSsl: false, client, caId: '' }).body, tls), []);
    assert.deepEqual(listCertificateFiles(removed([]).body, tls), []);
  });

  it('names certificate and key anew when either changes', () => {
    const names = (keyPem: string) =>
      listCertificateFiles(group({ client: { certificatePem: 'cert', keyPem } }).body, tls).map(({ name }) => name);
    const [before, after] = [names('key'), names('k2')];
    assert.equal(before[0], after[0]);
    assert.notEqual(before[1], after[1]);
    assert.notEqual(before[2], after[2]);
  });
});

describe('listUnusedFiles', () => {
  it('names our files that neither a row nor a wish refers to', () => {
    const row: TableRow = { ssl_ca: '/tls/ca-00.pem', ssl_cert: '', ssl_key: '/tls/key-00.pem' };
    const files = [
      'ca-00.pem',
      'ca-11.pem',
      'ca-22.pem',
      'key-00.pem',
      'key-11.pem',
      'cert-00.pem',
      'theirs.pem',
      '.ca-11.pem.new',
    ];
    const wanted = [{ name: 'ca-22.pem', kind: 'ca', pem: '' }] as const;
    assert.deepEqual(listUnusedFiles(files, { memory: [], runtime: [row] }, wanted), [
      'ca-11.pem',
      'key-11.pem',
      'cert-00.pem',
    ]);
    assert.deepEqual(listUnusedFiles(files, { memory: [row], runtime: [] }, wanted), [
      'ca-11.pem',
      'key-11.pem',
      'cert-00.pem',
    ]);
  });
});
