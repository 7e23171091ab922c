import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findImmutableChanges, findOverlaps } from '../../../coordinator/core/overlaps.ts';
import { groupSpec } from '../builders.ts';

const other = groupSpec({
  name: 'billing',
  primary: 'billing-primary',
  writerHostgroup: 20,
  readerHostgroup: 30,
  staticReaders: [{ hostname: '10.9.9.9' }],
  users: [{ username: 'billing-app', passwordSecret: 'x' }],
  ruleIds: { first: 200, last: 299 },
  queryRules: [
    { username: 'billing-app', flagOut: 7 },
    { flagIn: 7, destination: 'reader' },
    { username: 'billing-batch', destination: 'reader' },
  ],
});
const user = (username: string) => ({ users: [{ username, passwordSecret: 'y' }] });
const rule = (change: object) => ({
  ruleIds: { first: 100, last: 199 },
  queryRules: [{ username: 'app', destination: 'reader', ...change }],
});
const chain = (flag: number) => ({
  ruleIds: { first: 100, last: 199 },
  queryRules: [
    { username: 'app', flagOut: flag },
    { flagIn: flag, apply: true },
  ],
});

describe('findOverlaps', () => {
  const cases = [
    { name: 'a writer hostgroup', change: { writerHostgroup: 20 }, field: 'writerHostgroup' },
    {
      name: "a writer hostgroup that is the other's reader",
      change: { writerHostgroup: 30 },
      field: 'writerHostgroup',
    },
    { name: 'a reader hostgroup', change: { readerHostgroup: 20 }, field: 'readerHostgroup' },
    { name: 'a primary', change: { primary: 'billing-primary' }, field: 'primary' },
    {
      name: 'a static server',
      change: { staticReaders: [{ hostname: '10.9.9.9' }] },
      field: 'staticReaders.0.hostname',
    },
    { name: 'a user', change: user('billing-app'), field: 'users.0.username' },
    { name: 'a user whom a rule names', change: user('billing-batch'), field: 'users.0.username' },
    { name: 'a range of rule ids', change: { ruleIds: { first: 250, last: 260 } }, field: 'ruleIds' },
    { name: 'the end of a range', change: { ruleIds: { first: 150, last: 200 } }, field: 'ruleIds' },
    { name: 'the beginning of a range', change: { ruleIds: { first: 299, last: 400 } }, field: 'ruleIds' },
    { name: 'a range around it', change: { ruleIds: { first: 1, last: 900 } }, field: 'ruleIds' },
    { name: "a rule for the other's user", change: rule({ username: 'billing-app' }), field: 'queryRules.0.username' },
    { name: 'a rule for everybody', change: rule({ username: undefined }), field: 'queryRules.0.username' },
    { name: 'a flag', change: chain(7), fields: ['queryRules.0.flagOut', 'queryRules.1.flagIn'] },
  ];
  for (const { name, change, field, fields = [field] } of cases) {
    it(`finds ${name} shared within a fleet and names the other group`, () => {
      const problems = findOverlaps(groupSpec(change), [other]);
      assert.deepEqual(
        problems.map((problem) => problem.field),
        fields,
      );
      for (const { allowed } of problems) assert.match(allowed, /group billing of fleet main/);
    });

    it(`allows ${name} shared between fleets`, () => {
      assert.deepEqual(findOverlaps(groupSpec({ ...change, fleet: 'second' }), [other]), []);
    });
  }

  it('finds a rule of another group that would route this one too', () => {
    const greedy = groupSpec({ ...other, ...rule({ username: undefined }), ruleIds: { first: 200, last: 299 } });
    const [problem] = findOverlaps(groupSpec(), [greedy]);
    assert.equal(problem?.field, 'fleet');
    assert.match(problem.allowed, /queryRules\.0 of group billing of fleet main names neither/);
  });

  it('lets groups have rules beside each other', () => {
    for (const change of [chain(8), rule({ username: undefined, schema: 'shop' }), rule({}), user('app')]) {
      assert.deepEqual(findOverlaps(groupSpec(change), [other]), []);
    }
    assert.deepEqual(findOverlaps(groupSpec({ ruleIds: { first: 300, last: 399 } }), [other]), []);
  });

  it('does not compare a group with itself', () => {
    assert.deepEqual(findOverlaps(other, [other]), []);
  });

  it('takes another port for another server', () => {
    const group = groupSpec({ staticReaders: [{ hostname: '10.9.9.9', port: 3307 }] });
    assert.deepEqual(findOverlaps(group, [other]), []);
  });
});

describe('findImmutableChanges', () => {
  for (const change of [
    { fleet: 'second' },
    { project: 'shop-prod-2' },
    { primary: 'another' },
    { port: 3307 },
    { writerHostgroup: 6 },
    { readerHostgroup: 11 },
  ]) {
    const [field, value] = (Object.entries(change) as [string, string | number][])[0]!;
    it(`refuses another ${field}`, () => {
      const problems = findImmutableChanges(groupSpec(change), groupSpec());
      assert.equal(problems.length, 1);
      assert.equal(problems[0]?.field, field);
      assert.equal(problems[0].value, JSON.stringify(value));
    });
  }

  it('allows everything else', () => {
    const changed = groupSpec({ policy: { replicasMax: 9 }, staticReaders: [{ hostname: 'new' }] });
    assert.deepEqual(findImmutableChanges(changed, groupSpec()), []);
  });
});
