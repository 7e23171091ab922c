import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isForced, isUrgent } from '../../../agent/core/plan.ts';
import type { ServerRow } from '../../../agent/core/rows.ts';
import type { LeavingServer, Server } from '../../../agent/core/snapshot.ts';
import { FakeAdmin, row } from '../fakes/fake-admin.ts';
import { noonMs, planWith, served, shunned, soft } from '../fakes/planning.ts';
import { desired, gone, plainPolicy, target } from '../fakes/targets.ts';

const own = 'chester orders replica';
const both = [desired(20, 'a'), desired(20, 'b')];
const expired = `${own} (cordon until ${new Date(noonMs).toISOString()})`;
const warming = `${own} (warming since ${new Date(noonMs - 9000).toISOString()})`;

describe('isUrgent and isForced', () => {
  const cases: readonly {
    readonly name: string;
    readonly served: readonly ServerRow[];
    readonly servers: readonly Server[];
    readonly leaving?: readonly LeavingServer[];
    readonly isUrgent: boolean;
    readonly isForced: boolean;
  }[] = [
    { name: 'nothing to do', served: [served(20, 'a')], servers: [both[0]!], isUrgent: false, isForced: false },
    { name: 'a new reader', served: [served(20, 'a')], servers: both, isUrgent: true, isForced: false },
    {
      name: 'a reader that warms up',
      served: [served(20, 'a')],
      servers: [both[0]!, desired(20, 'b', { owned: true })],
      isUrgent: true,
      isForced: false,
    },
    {
      name: 'a reader that passed the monitor',
      served: [served(20, 'a'), served(20, 'b', { ...soft, comment: warming })],
      servers: [both[0]!, desired(20, 'b', { owned: true })],
      isUrgent: true,
      isForced: false,
    },
    {
      name: 'another weight',
      served: [served(20, 'a', { weight: 7 })],
      servers: [both[0]!],
      isUrgent: false,
      isForced: false,
    },
    {
      name: "a writer's other limit",
      served: [served(10, 'w', { maxConnections: 7 }), served(20, 'a')],
      servers: [desired(10, 'w'), both[0]!],
      isUrgent: false,
      isForced: false,
    },
    {
      name: 'a drain',
      served: [served(20, 'a'), served(20, 'b')],
      servers: [both[0]!],
      leaving: [gone('b')],
      isUrgent: true,
      isForced: true,
    },
    {
      name: 'a drain that the snapshot orders',
      served: [served(20, 'a'), served(20, 'b')],
      servers: [both[0]!, desired(20, 'b', soft)],
      isUrgent: true,
      isForced: true,
    },
    {
      name: 'a mere comment on what drains',
      served: [served(20, 'a'), served(20, 'b', { ...soft, comment: `${own} (leaving)` })],
      servers: [both[0]!, desired(20, 'b', soft)],
      isUrgent: false,
      isForced: false,
    },
    {
      name: 'the end of a drain',
      served: [served(20, 'a'), served(20, 'b', soft)],
      servers: [both[0]!],
      leaving: [gone('b')],
      isUrgent: false,
      isForced: false,
    },
    {
      name: 'an old writer',
      served: [served(10, 'old')],
      servers: [desired(10, 'w')],
      leaving: [gone('old')],
      isUrgent: true,
      isForced: true,
    },
    { name: 'a new writer', served: [], servers: [desired(10, 'w')], isUrgent: true, isForced: true },
    {
      name: 'the writer in place of readers',
      served: [served(10, 'w'), served(20, 'a', shunned)],
      servers: [desired(10, 'w'), both[0]!],
      isUrgent: true,
      isForced: false,
    },
    {
      name: 'a cordon that was found',
      served: [served(20, 'a'), served(20, 'b', soft)],
      servers: both,
      isUrgent: false,
      isForced: false,
    },
    {
      name: 'a cordon that ends',
      served: [served(20, 'a'), served(20, 'b', { ...soft, comment: expired })],
      servers: both,
      isUrgent: true,
      isForced: false,
    },
  ];
  for (const { name, served: rows, servers, leaving, ...expected } of cases) {
    it(`take ${name} for ${expected.isUrgent ? '' : 'not '}urgent and ${expected.isForced ? '' : 'not '}forced`, () => {
      const policy = { ...plainPolicy, writerFallbackConnections: 5 };
      const admin = new FakeAdmin().serve(...rows);
      const { groups } = planWith(admin, [target(servers, leaving, { hostgroups: { policy } })]);
      assert.deepEqual({ isUrgent: isUrgent(groups), isForced: isForced(groups) }, expected);
    });
  }
});

describe('isForced, beside what a LOAD would publish of others', () => {
  const old = served(10, 'old');
  const changed = target([desired(10, 'w'), desired(20, 'a')], [gone('old')]);
  const isForcedWith = (edit: (admin: FakeAdmin) => void, policy = plainPolicy): boolean => {
    const admin = new FakeAdmin().serve(old, served(20, 'a'), row(30, 'x'));
    edit(admin);
    const { body } = changed;
    assert.equal(body.kind, 'snapshot');
    const plan = planWith(admin, [{ ...changed, body: { ...body, policy } }]);
    assert.equal(plan.foreignPending.length, 1);
    return isForced(plan.groups);
  };

  it('goes on over an edit that is nothing to the group', () => {
    assert.equal(
      isForcedWith(({ memory }) => memory.delete('30 x:3306')),
      true,
    );
  });

  it('does not go on over one that takes the last reader out, unless the writer stands in', () => {
    const edit = ({ memory }: FakeAdmin) => memory.set('20 a:3306', served(20, 'a', soft));
    assert.equal(isForcedWith(edit), false);
    assert.equal(isForcedWith(edit, { ...plainPolicy, writerFallbackConnections: 5 }), true);
  });

  it('does not go on over one that brings a second writer in', () => {
    assert.equal(
      isForcedWith(({ memory }) => memory.set('10 x:3306', row(10, 'x'))),
      false,
    );
  });

  it("does not go on over one that takes another group's last reader out", () => {
    const admin = new FakeAdmin().serve(old, served(20, 'a'), served(21, 'b', { comment: 'chester billing replica' }));
    admin.memory.set('21 b:3306', { ...served(21, 'b', soft), comment: 'chester billing replica' });
    const hostgroups = { writerHostgroup: 11, readerHostgroup: 21 };
    const billing = target([desired(21, 'b', { comment: 'chester billing replica' })], [], {
      group: 'billing',
      hostgroups,
    });
    assert.equal(isForced(planWith(admin, [changed, billing]).groups), false);
    assert.equal(isForced(planWith(admin, [changed]).groups), true);
  });
});
