import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAccessTable } from '../../../coordinator/core/access-table.ts';
import { findAgentRefusal } from '../../../coordinator/core/agent-access.ts';
import { renderProblems } from '../../../coordinator/core/problems.ts';

const digest = 'a'.repeat(64);
const hash = `scrypt:16384:8:1:${'s'.repeat(22)}:${'k'.repeat(43)}`;
const ci = { name: 'ci', tokens: [digest], roles: [{ role: 'operator', groups: ['orders'] }] };

describe('parseAccessTable', () => {
  it('takes identities, lists of groups and agents', () => {
    const parsed = parseAccessTable({
      identities: [
        ci,
        { name: 'alice', email: 'Alice@Example.com' },
        { name: 'tf', username: 'terraform', passwordHash: hash },
      ],
      groups: [{ name: 'users', read: ['alice', 'tf'], write: ['tf'] }],
      agents: [{ serviceAccount: 'shop/proxysql', fleets: ['main'] }],
    });
    assert.ok(parsed.ok);
    const [first, alice, terraform] = parsed.value.identities;
    assert.deepEqual(first?.grants, [{ role: 'operator', groups: ['orders'] }]);
    assert.deepEqual([alice?.email, alice?.grants], ['alice@example.com', [{ role: 'viewer', groups: ['users'] }]]);
    assert.equal(terraform?.login?.username, 'terraform');
    assert.deepEqual(
      terraform.grants.map(({ role }) => role),
      ['viewer', 'operator'],
    );
    assert.deepEqual(parsed.value.agents, [
      { proof: { kind: 'serviceAccount', pattern: 'shop/proxysql' }, fleets: ['main'], cells: ['*'] },
    ]);
  });

  it('gives a role on all groups where none are named', () => {
    const parsed = parseAccessTable({ identities: [{ ...ci, roles: [{ role: 'viewer' }] }] });
    assert.ok(parsed.ok);
    assert.deepEqual(parsed.value.identities[0]?.grants, [{ role: 'viewer', groups: ['*'] }]);
    assert.equal(parsed.value.agents, null);
  });

  const bad = [
    { what: 'an empty file', input: null, says: /^\(whole\)/ },
    { what: 'an identity without a proof', input: { identities: [{ name: 'x' }] }, says: /at least one of tokens/ },
    {
      what: 'an unknown role',
      input: { identities: [{ ...ci, roles: [{ role: 'root' }] }] },
      says: /viewer, operator, admin/,
    },
    {
      what: 'a token that is no digest',
      input: { identities: [{ ...ci, tokens: ['planted'] }] },
      says: /64 hexadecimal digits/,
    },
    {
      what: 'a password in plain text',
      input: { identities: [{ name: 'x', passwordHash: 'planted' }] },
      says: /what "chester access hash-password" prints/,
    },
    {
      what: 'a misspelt field',
      input: { identities: [{ ...ci, token: 'planted' }] },
      says: /identities\.0\.token is \(hidden\)/,
    },
    { what: 'one token of two', input: { identities: [ci, { ...ci, name: 'b' }] }, says: /identities\.1\.tokens/ },
    {
      what: 'one name of two',
      input: { identities: [ci, { ...ci, tokens: ['b'.repeat(64)] }] },
      says: /identities\.1\.name/,
    },
    {
      what: 'a write without a read',
      input: { identities: [ci], groups: [{ name: 'orders', write: ['ci'] }] },
      says: /groups\.0\.write is "ci"; allowed: names that read has too/,
    },
    {
      what: 'a list with somebody unknown',
      input: { identities: [ci], groups: [{ name: 'orders', read: ['bob'] }] },
      says: /groups\.0\.read is "bob"; allowed: names of identities/,
    },
    {
      what: 'an agent with two proofs',
      input: { agents: [{ certificate: 'CN=a', serviceAccount: 'a/b', fleets: ['*'] }] },
      says: /one of/,
    },
    {
      what: 'an agent without fleets',
      input: { agents: [{ certificate: 'CN=a', fleets: [] }] },
      says: /agents\.0\.fleets/,
    },
  ];
  for (const { what, input, says } of bad) {
    it(`refuses ${what}, without a secret`, () => {
      const parsed = parseAccessTable(input);
      assert.ok(!parsed.ok);
      const text = renderProblems(parsed.problems);
      assert.match(text, says);
      assert.doesNotMatch(text, /planted|aaaaaaaa/);
    });
  }
});

describe('findAgentRefusal', () => {
  const rules = [
    { proof: { kind: 'serviceAccount', pattern: 'shop/proxysql-*' }, fleets: ['main'], cells: ['eu'] },
    { proof: { kind: 'certificate', pattern: 'URI:spiffe://c/ns/*/sa/proxysql' }, fleets: ['legacy-*'], cells: ['*'] },
  ] as const;
  const claim = { fleet: 'main', cell: 'eu', podUid: 'u1' };
  const account = (name: string, podUid: string | null = null) => ({ certificateNames: [], account: { name, podUid } });
  const certified = { certificateNames: ['CN=p', 'URI:spiffe://c/ns/shop/sa/proxysql'], account: null };
  const cases = [
    { it: 'lets an account in', proof: account('shop/proxysql-a'), claim, says: null },
    { it: 'holds it to its pod', proof: account('shop/proxysql-a', 'u2'), claim, says: /another pod/ },
    { it: 'takes its pod', proof: account('shop/proxysql-a', 'u1'), claim, says: null },
    {
      it: 'does not ask for a pod that is not told',
      proof: account('shop/proxysql-a', 'u2'),
      claim: { ...claim, podUid: '' },
      says: null,
    },
    {
      it: 'refuses another namespace',
      proof: account('other/proxysql-a'),
      claim,
      says: /other\/proxysql-a may not join fleet "main"/,
    },
    {
      it: 'refuses another fleet',
      proof: account('shop/proxysql-a'),
      claim: { ...claim, fleet: 'x' },
      says: /fleet "x"/,
    },
    {
      it: 'refuses another cell',
      proof: account('shop/proxysql-a'),
      claim: { ...claim, cell: 'us' },
      says: /cell "us"/,
    },
    { it: 'lets a certificate in', proof: certified, claim: { ...claim, fleet: 'legacy-1' }, says: null },
    { it: 'refuses a certificate elsewhere', proof: certified, claim, says: /CN=p may not join/ },
    { it: 'refuses who shows nothing', proof: { certificateNames: [], account: null }, claim, says: /this agent/ },
  ];
  for (const one of cases) {
    it(one.it, () => {
      const refusal = findAgentRefusal(rules, one.proof, one.claim);
      if (one.says === null) assert.equal(refusal, null);
      else assert.match(refusal ?? '', one.says);
    });
  }
});
