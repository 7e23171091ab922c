import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildAuditRecord, diffStates, maskSecrets } from '../../../coordinator/core/audit.ts';
import { fc } from '../../properties.ts';

const planted = 'pl4nted-secret';

describe('maskSecrets', () => {
  it('hides what is named like a secret, and keeps the names of secrets', () => {
    const masked = maskSecrets({
      password: planted,
      newPassword: planted,
      passwordSecret: 'gate',
      clientKeySecret: 'key',
      key: planted,
      keyData: planted,
      access_token: planted,
      users: [{ username: 'app', password: planted }],
      empty: { password: '' },
      variables: { 'mysql-monitor_password': planted },
    });
    assert.deepEqual(masked, {
      password: '(hidden)',
      newPassword: '(hidden)',
      passwordSecret: 'gate',
      clientKeySecret: 'key',
      key: '(hidden)',
      keyData: '(hidden)',
      access_token: '(hidden)',
      users: [{ username: 'app', password: '(hidden)' }],
      empty: { password: '' },
      variables: { 'mysql-monitor_password': '(hidden)' },
    });
  });

  const texts = [
    `-----BEGIN PRIVATE KEY-----\n${planted}`,
    `*${'0'.repeat(38)}AB`,
    `$A$005$${planted}`,
    `mysql://app:${planted}@db/`,
    `Bearer cht_${'x'.repeat(43)}`,
    `eyJhbGciOiJSUzI1NiJ9.${planted}`,
  ];
  for (const text of texts) {
    it(`hides ${text.slice(0, 12)}… wherever it stands`, () => {
      assert.deepEqual(maskSecrets({ comment: [text] }), { comment: ['(hidden)'] });
    });
  }

  it('ends on whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withTypedArray: true, withDate: true }), (value) => {
        JSON.stringify(maskSecrets({ value }));
      }),
    );
  });

  it('never shows a value under a field that is named like a secret', () => {
    const field = fc.constantFrom('password', 'oldPassword', 'token', 'authorization', 'pem', 'privateKey', 'key_data');
    const inner = fc.object({ maxDepth: 2 });
    fc.assert(
      fc.property(field, inner, (name, around) => {
        const text = JSON.stringify(maskSecrets({ around, deep: [{ [name]: planted }] }));
        assert.ok(!text.includes(planted));
      }),
    );
  });
});

describe('diffStates', () => {
  it('names fields that changed, and of secrets only that they did', () => {
    const before = { spec: { policy: { replicasMax: 3 }, users: [{ username: 'a', password: 'one' }], gone: true } };
    const after = { spec: { policy: { replicasMax: 4 }, users: [{ username: 'a', password: 'two' }] } };
    assert.deepEqual(diffStates(before, after), [
      { field: 'spec.gone', before: 'true', after: null },
      { field: 'spec.policy.replicasMax', before: '3', after: '4' },
      { field: 'spec.users.0.password', before: '(hidden)', after: '(hidden)' },
    ]);
    assert.deepEqual(diffStates(before, before), []);
  });
});

describe('buildAuditRecord', () => {
  it('says who, from where, what and why, and shortens what is long', () => {
    const caller = { name: 'ci', proof: 'token', source: '10.0.0.1', grants: [] } as const;
    const scopes = [{ kind: 'group', group: 'orders' }] as const;
    const request = { name: 'orders', password: planted, note: 'x'.repeat(10_000) };
    const act = { caller, source: '10.0.0.1', what: 'PutGroup', scopes, reason: 'load test', request };
    const record = buildAuditRecord(act, { id: '1', atMs: 5 });
    assert.deepEqual(
      [record.who, record.proof, record.source, record.what, record.groups, record.reason, record.outcome],
      ['ci', 'token', '10.0.0.1', 'PutGroup', ['orders'], 'load test', 'PENDING'],
    );
    assert.ok(record.request.length <= 4000 && !record.request.includes(planted));
  });
});
