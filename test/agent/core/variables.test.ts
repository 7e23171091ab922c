import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../../properties.ts';
import type { FleetBody } from '../../../agent/core/snapshot.ts';
import type { TableRow } from '../../../agent/core/table.ts';
import {
  describeKept,
  findKept,
  findVariableProblems,
  planVariables,
  type VariablesView,
} from '../../../agent/core/variables.ts';

function fleet(variables: TableRow): FleetBody {
  return { kind: 'fleet', variables };
}

function view(memory: Record<string, string>, runtime: Record<string, string> = memory): VariablesView {
  return { memory: new Map(Object.entries(memory)), runtime: new Map(Object.entries(runtime)) };
}

describe('findVariableProblems', () => {
  const cases: readonly (readonly [variables: TableRow, says: RegExp])[] = [
    [{ 'admin-version': '1' }, /"admin-version" does not begin with mysql-/],
    [{ "mysql-a' OR 1": '1' }, /does not begin with mysql-/],
    [{ max_connections: '1' }, /does not begin with mysql-/],
    [{ 'mysql-max_connections': null }, /mysql-max_connections has no value/],
    [{ 'mysql-init_connect': 'a\0b' }, /holds a NUL character/],
    [
      Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`mysql-v${index}`, '1'])),
      /501 variables are more than 500/,
    ],
  ];
  for (const [variables, says] of cases) {
    it(`refuses ${JSON.stringify(variables).slice(0, 60)}`, () => {
      assert.match(findVariableProblems(fleet(variables)).join('\n'), says);
    });
  }

  it('finds nothing wrong with mysql- variables', () => {
    assert.deepEqual(findVariableProblems(fleet({ 'mysql-max_connections': '5', 'mysql-init_connect': '' })), []);
  });
});

describe('planVariables', () => {
  it('writes what memory has otherwise, and loads when runtime has', () => {
    const wanted = fleet({ 'mysql-a': '1', 'mysql-b': '2', 'mysql-c': '3' });
    const plan = planVariables(
      wanted,
      view({ 'mysql-a': '1', 'mysql-b': '0', 'mysql-c': '3' }, { 'mysql-a': '1', 'mysql-b': '2', 'mysql-c': '3' }),
    );
    assert.deepEqual(plan, { writes: { 'mysql-b': '2' }, needsLoad: false, foreignPending: [], unknown: [] });
    const late = planVariables(
      wanted,
      view({ 'mysql-a': '1', 'mysql-b': '2', 'mysql-c': '3' }, { 'mysql-a': '1', 'mysql-b': '2', 'mysql-c': '0' }),
    );
    assert.deepEqual([late.writes, late.needsLoad], [{}, true]);
  });

  it('names variables that there are none of', () => {
    const plan = planVariables(fleet({ 'mysql-nosuch': '1' }), view({ 'mysql-a': '1' }));
    assert.deepEqual([plan.unknown, plan.writes, plan.needsLoad], [['mysql-nosuch'], {}, false]);
  });

  it("finds others' edits that a LOAD would publish, and not what runtime only spells in another way", () => {
    const memory = {
      'mysql-a': 'FALSE',
      'mysql-b': '0100',
      'mysql-c': ' 77',
      'mysql-d': '1',
      'mysql-e': 'x',
      'mysql-f': '8',
    };
    const runtime = {
      'mysql-a': 'false',
      'mysql-b': '100',
      'mysql-c': '77',
      'mysql-d': 'true',
      'mysql-e': 'X',
      'mysql-f': '9',
    };
    const plan = planVariables(fleet({ 'mysql-f': '9' }), view(memory, runtime));
    assert.deepEqual(plan.foreignPending, [{ table: 'global_variables', row: 'mysql-e', wouldBe: 'changed' }]);
    assert.deepEqual(plan.writes, { 'mysql-f': '9' });
  });

  const spellings = [
    { name: 'mysql-a', value: '12x', isPending: false },
    { name: 'MYSQL-A', value: '12', isPending: false },
    { name: 'MYSQL-A', value: '13', isPending: true },
    { name: 'mysql-a', value: 'x12', isPending: true },
    { name: 'mysql-nosuch', value: '12', isPending: true },
  ];
  for (const { name, value, isPending } of spellings) {
    it(`finds ${isPending ? 'an' : 'no'} edit in ${name} = ${value} where 12 runs`, () => {
      const plan = planVariables(fleet({}), view({ [name]: value }, { 'mysql-a': '12' }));
      assert.deepEqual(
        plan.foreignPending.map(({ row }) => row),
        isPending ? [name] : [],
      );
    });
  }

  it('is empty once it was done, whatever stood there', () => {
    const names = ['mysql-a', 'mysql-b', 'mysql-c'] as const;
    const values = fc.constantFrom('0', '1', 'true', 'FALSE', 'text', '007');
    const record = fc.record({ 'mysql-a': values, 'mysql-b': values, 'mysql-c': values });
    fc.assert(
      fc.property(record, record, fc.subarray([...names]), record, (memory, runtime, named, wanted) => {
        const body = fleet(Object.fromEntries(named.map((name) => [name, wanted[name]])));
        const before = view(memory, runtime);
        const { writes, unknown } = planVariables(body, before);
        assert.deepEqual(unknown, []);
        for (const name of Object.keys(writes)) assert.ok(named.some((one) => one === name));
        const after = view({ ...memory, ...(writes as Record<string, string>) });
        const again = planVariables(body, after);
        assert.deepEqual([again.writes, again.needsLoad, again.foreignPending], [{}, false, []]);
        assert.deepEqual(findKept(body, after), []);
      }),
    );
  });
});

describe('describeKept', () => {
  it('says what was wanted and what is kept, but not of a password', () => {
    const body = fleet({ 'mysql-threads': '8', 'mysql-monitor_password': 'hush', 'mysql-a': '1' });
    const kept = findKept(body, view({ 'mysql-threads': '4', 'mysql-monitor_password': 'old', 'mysql-a': 'true' }));
    assert.equal(
      describeKept(kept),
      'global_variables: ProxySQL does not take mysql-threads wanted "8", kept "4", mysql-monitor_password is not as wanted',
    );
  });
});
