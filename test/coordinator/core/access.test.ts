import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Caller,
  matchesPattern,
  mayAccess,
  type Need,
  seesEverything,
  seesGroup,
} from '../../../coordinator/core/access.ts';
import { fc } from '../../properties.ts';

const caller = (grants: Caller['grants']): Caller => ({ name: 'x', proof: 'token', source: '127.0.0.1', grants });
const on = (permission: Need['permission'], group: string | null): Need => ({
  permission,
  scope: group === null ? { kind: 'installation' } : { kind: 'group', group },
});

describe('mayAccess', () => {
  const cases = [
    { role: 'viewer', groups: ['*'], need: on('view', 'orders'), may: true },
    { role: 'viewer', groups: ['*'], need: on('operate', 'orders'), may: false },
    { role: 'operator', groups: ['*'], need: on('operate', 'orders'), may: true },
    { role: 'operator', groups: ['*'], need: on('administer', null), may: false },
    { role: 'operator', groups: ['orders'], need: on('operate', 'users'), may: false },
    { role: 'operator', groups: ['orders-*'], need: on('operate', 'orders-eu'), may: true },
    { role: 'operator', groups: ['orders-*'], need: on('operate', null), may: false },
    { role: 'admin', groups: ['orders'], need: on('administer', null), may: false },
    { role: 'admin', groups: ['*'], need: on('administer', null), may: true },
    { role: 'viewer', groups: ['orders'], need: { permission: 'view', scope: { kind: 'visible' } }, may: true },
  ] as const;
  for (const { role, groups, need, may } of cases) {
    it(`${may ? 'lets' : 'does not let'} a ${role} of ${groups.join()} ${need.permission} ${JSON.stringify(need.scope)}`, () => {
      assert.equal(mayAccess(caller([{ role, groups }]), need), may);
    });
  }

  it('denies everything to whoever was granted nothing', () => {
    for (const permission of ['view', 'operate', 'administer'] as const) {
      assert.equal(mayAccess(caller([]), on(permission, 'orders')), false);
      assert.equal(mayAccess(caller([]), { permission, scope: { kind: 'visible' } }), false);
    }
  });

  it('grants nothing more when a grant is taken away', () => {
    const grant = fc.record({
      role: fc.constantFrom('viewer', 'operator', 'admin' as const),
      groups: fc.array(fc.constantFrom('*', 'a', 'b', 'a*'), { minLength: 1, maxLength: 3 }),
    });
    const need = fc.record({
      permission: fc.constantFrom('view', 'operate', 'administer' as const),
      scope: fc.constantFrom<Need['scope']>(
        { kind: 'installation' },
        { kind: 'visible' },
        { kind: 'group', group: 'a' },
        { kind: 'group', group: 'ab' },
      ),
    });
    fc.assert(
      fc.property(fc.array(grant, { minLength: 1, maxLength: 4 }), need, (grants, one) => {
        const fewer = caller(grants.slice(1));
        assert.ok(!mayAccess(fewer, one) || mayAccess(caller(grants), one));
      }),
    );
  });
});

describe('seesGroup', () => {
  it('hides the installation from whoever sees only some groups', () => {
    const some = caller([{ role: 'viewer', groups: ['orders'] }]);
    assert.deepEqual([seesGroup(some, 'orders'), seesGroup(some, 'users'), seesGroup(some, '')], [true, false, false]);
    assert.equal(seesEverything(some), false);
    assert.equal(seesEverything(caller([{ role: 'viewer', groups: ['*'] }])), true);
  });
});

describe('matchesPattern', () => {
  it('agrees with a regular expression', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    fc.assert(
      fc.property(letters, name, (pattern, text) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text);
        assert.equal(matchesPattern(pattern, text), expected);
      }),
    );
  });

  it('takes a pattern that would drive a regular expression mad', () => {
    assert.equal(matchesPattern(`${'a*'.repeat(200)}b`, 'a'.repeat(10_000)), false);
  });
});
