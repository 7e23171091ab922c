import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOf } from '../../../agent/core/marks.ts';
import { type GroupPlan, hasWork, isUntouchable, type ServersPlan } from '../../../agent/core/plan.ts';
import { canServe } from '../../../agent/core/readers.ts';
import { type Address, addressOf, isServing, keyOf } from '../../../agent/core/rows.ts';
import type { Server, SnapshotBody } from '../../../agent/core/snapshot.ts';
import { checkLives, type Life } from '../fakes/lives.ts';
import { renderRow } from '../fakes/proxy-world.ts';

/** Our group's part of the last plan, unless somebody's pending edit or a hold keeps it from being what it should be. */
function findEnd({ last, scenario }: Life): { readonly plan: GroupPlan; readonly body: SnapshotBody } | null {
  const [plan, first] = [last.groups[0], scenario.targets[0]];
  if (plan === undefined || first?.body.kind !== 'snapshot') return null;
  return isBlocked(last) || isUntouchable(plan.hold) ? null : { plan, body: first.body };
}

function isBlocked(last: ServersPlan): boolean {
  return hasWork(last) && last.foreignPending.length > 0;
}

/** Somebody's edit of the row is kept, or waits for his LOAD, or the row waits for a writer that nobody named. */
function isExcused(server: Server, plan: GroupPlan, { last }: Life): boolean {
  const isHeldWriter = server.hostgroup === plan.target.body.writerHostgroup && plan.hold?.code === 'WRITER_TAKEN';
  const isPending = last.foreignPending.some(({ row }) => row === `hostgroup ${keyOf(server)}`);
  return isHeldWriter || isPending || plan.cordoned.some((one) => keyOf(one) === keyOf(server));
}

function checkEnd(server: Server, plan: GroupPlan, { world: { admin, dead } }: Life): void {
  const isReader = server.hostgroup === 20;
  const isKept = isReader && plan.removing.some((one) => one.reason === 'LAST_READER' && isSame(one, server));
  const isWarming = isReader && plan.warming.some((one) => isSame(one, server));
  const [inMemory, inRuntime] = [admin.memory, admin.runtime].map((table) => table.get(keyOf(server)));
  const shown = `${keyOf(server)} memory ${renderRow(inMemory)} runtime ${renderRow(inRuntime)}`;
  if (isWarming) assert.ok(dead.has(addressOf(server)), `${shown} warms for ever`);
  const isWanted = isKept || (server.status === 'ONLINE' && !isWarming);
  assert.equal(inMemory?.status, isWanted ? 'ONLINE' : 'OFFLINE_SOFT', shown);
  assert.equal(isServing(inRuntime), isWanted, shown);
  if (!isKept) assert.deepEqual([inMemory.weight, inRuntime?.weight], [server.weight, server.weight], shown);
}

const isSame = (one: Address, other: Address): boolean => addressOf(one) === addressOf(other);

describe('any life, at its end', () => {
  it('has the rows that the snapshot names, or says what is missing', () => {
    checkLives({
      end: (life) => {
        const found = findEnd(life);
        for (const server of found?.body.servers ?? []) {
          if (found !== null && !isExcused(server, found.plan, life)) checkEnd(server, found.plan, life);
        }
      },
    });
  });

  it('plans nothing any more, unless somebody’s edit is in the way', () => {
    checkLives({
      end: ({ last, world, scenario }) => {
        assert.ok(!hasWork(last) || isBlocked(last));
        assert.deepEqual(world.look(scenario.targets), last);
      },
      editsMax: 3,
    });
  });

  it('has every leaving address out of our hostgroups, or says why not', () => {
    checkLives({
      end: ({ last, world: { admin }, scenario }) => {
        const [plan, first] = [last.groups[0], scenario.targets[0]];
        if (plan === undefined || first === undefined || isBlocked(last) || isUntouchable(plan.hold)) return;
        for (const address of first.body.leaving.map(addressOf)) {
          const rows = [...admin.memory.values(), ...admin.runtime.values(), ...admin.disk];
          const isSomewhere = rows.some((found) => addressOf(found) === address);
          const isAbsent = plan.absent.some((gone) => addressOf(gone) === address);
          const isRemoving = plan.removing.some((stays) => addressOf(stays) === address);
          assert.deepEqual([address, isAbsent, isRemoving], [address, !isSomewhere, isSomewhere]);
        }
      },
      editsMax: 3,
    });
  });

  it('has the writer among the readers exactly while no other one gets queries', () => {
    checkLives({
      end: (life) => {
        const found = findEnd(life);
        const writer = found?.body.servers.find(({ hostgroup }) => hostgroup === found.body.writerHostgroup);
        if (found === null || writer === undefined || life.last.foreignPending.length > 0) return;
        const { plan, body } = found;
        const key = keyOf({ ...writer, hostgroup: body.readerHostgroup });
        if ([...body.servers, ...plan.cordoned].some((one) => keyOf(one) === key)) return;
        const { memory, runtime } = life.world.admin;
        const inMemory = memory.get(key);
        const going = plan.removing.map(addressOf);
        const others = [...runtime.values()].filter(
          (row) => row.hostgroup === body.readerHostgroup && canServe(row) && !going.includes(addressOf(row)),
        );
        const hasOther = others.some((row) => keyOf(row) !== key);
        const isStrange = inMemory !== undefined && !isOf(inMemory, 'orders');
        const isAllowed = body.policy.writerFallbackConnections > 0 && !isStrange;
        const shown = `${key} ${renderRow(runtime.get(key))} beside ${others.map(keyOf).join(' ')}`;
        if (hasOther) assert.equal(plan.isWriterFallback, false, shown);
        else if (isAllowed) assert.ok(plan.isWriterFallback && isServing(runtime.get(key)), shown);
      },
      editsMax: 3,
    });
  });
});
