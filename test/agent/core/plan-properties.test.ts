import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOf } from '../../../agent/core/marks.ts';
import { canServe } from '../../../agent/core/readers.ts';
import { addressOf, isServing, keyOf, type ServerRow } from '../../../agent/core/rows.ts';
import type { GroupTarget } from '../../../agent/core/snapshot.ts';
import type { FakeAdmin } from '../fakes/fake-admin.ts';
import { type Check, checkLives } from '../fakes/lives.ts';
import { copyTables, execute, renderRow } from '../fakes/proxy-world.ts';

const rowsOf = (table: ReadonlyMap<string, ServerRow>, hostgroup: number): readonly ServerRow[] =>
  [...table.values()].filter((row) => row.hostgroup === hostgroup);

const readersOf = (admin: FakeAdmin, hostgroup = 20): readonly string[] =>
  rowsOf(admin.runtime, hostgroup)
    .filter((row) => canServe(row))
    .map(keyOf);

const writersOf = (admin: FakeAdmin): readonly string[] =>
  rowsOf(admin.runtime, 10)
    .filter((row) => isServing(row))
    .map(keyOf);

/** What our REPLACEs leave when somebody LOADs after the first, the second … of them. */
function prefixes({ before, groups }: Parameters<Check>[0]): readonly FakeAdmin[] {
  return groups.map((_, index) => {
    const admin = copyTables(before);
    execute(admin, groups, index + 1);
    admin.load();
    return admin;
  });
}

function isNamed({ body }: GroupTarget, row: ServerRow): boolean {
  const isLeaving = body.leaving.some((address) => addressOf(address) === addressOf(row));
  return isLeaving || (body.kind === 'snapshot' && body.servers.some((server) => keyOf(server) === keyOf(row)));
}

describe('any step', () => {
  it('leaves every reader hostgroup one that served before', () => {
    checkLives({
      check: ({ before, isForced }, { admin }, { targets }) => {
        for (const { body } of targets) {
          const had = readersOf(before, body.readerHostgroup);
          if (body.kind === 'removed' || had.length === 0) continue;
          const has = readersOf(admin, body.readerHostgroup);
          assert.ok(has.length > 0, `${had.join(' ')} all went`);
          // What somebody else takes out can have its successor in the same LOAD.
          if (!isForced)
            assert.ok(
              had.some((key) => has.includes(key)),
              `${had.join(' ')} all went in one step`,
            );
        }
      },
      editsMax: 3,
    });
  });

  it('leaves one that lives, beside those that were found dead', () => {
    checkLives({
      check: ({ before, isForced }, { admin, dead, foundDead }, { targets: [first] }) => {
        const had = readersOf(before).filter((key) => !dead.has(key.slice(3)));
        if (first?.body.kind === 'removed' || had.length === 0 || isForced) return;
        const has = readersOf(admin);
        const isEnough = has.some((key) => had.includes(key) || !foundDead.has(key));
        assert.ok(isEnough, `${had.join(' ')} all went in one step, ${has.join(' ')} is dead`);
      },
      editsMax: 3,
    });
  });

  it('is safe to be loaded by somebody else after any of its statements', () => {
    checkLives({
      check: (step, { admin }) => {
        const [had, pending] = [writersOf(step.before), copyTables(step.before)];
        pending.load();
        const kept = readersOf(pending).filter((key) => readersOf(step.before).includes(key));
        const stay = kept.filter((key) => readersOf(admin).includes(key));
        const expected = [...had, ...writersOf(pending)];
        for (const between of prefixes(step)) {
          for (const key of stay) assert.ok(readersOf(between).includes(key), `${key} would be lost in between`);
          const added = writersOf(between).filter((key) => !expected.includes(key));
          if (added.length > 0) assert.deepEqual(had, [], `${added.join(' ')} would come beside it in between`);
        }
      },
      editsMax: 3,
    });
  });

  it('brings no writer in beside another one', () => {
    checkLives({
      check: ({ before }, { admin }, { targets: [first] }) => {
        if (first?.body.kind === 'removed') return;
        const had = writersOf(before);
        const added = writersOf(admin).filter((key) => !had.includes(key));
        if (added.length > 0) assert.deepEqual(had, [], `${added.join(' ')} came while it served`);
        assert.ok(added.length <= 1, `${added.join(' ')} came at once`);
      },
      editsMax: 3,
    });
  });

  it("brings an owned reader in only on the monitor's word since it stood there OFFLINE_SOFT", () => {
    checkLives({
      check: ({ before, atMs }, { admin, checks }, { targets: [first] }) => {
        const servers = first?.body.kind === 'snapshot' ? first.body.servers : [];
        for (const server of servers.filter(({ owned }) => owned)) {
          const [was, is] = [before, admin].map(({ runtime }) => runtime.get(keyOf(server)));
          if (isServing(was) || !isServing(is)) continue;
          const last = checks.filter((one) => one.atMs <= atMs && addressOf(one) === addressOf(server)).at(-1);
          const found = `it was ${renderRow(was)}, the monitor says ${JSON.stringify(last)}`;
          assert.ok(was?.status === 'OFFLINE_SOFT' && last?.error === null, found);
        }
      },
      editsMax: 3,
    });
  });

  it('deletes only what gets no traffic and has no connection', () => {
    checkLives({
      check: ({ before, groups }) => {
        for (const { key, want } of groups.flatMap((group) => group.changes)) {
          if (want !== null) continue;
          const [inMemory, inRuntime] = [before.memory.get(keyOf(key)), before.runtime.get(keyOf(key))];
          assert.equal(isServing(inRuntime), false);
          const isUsed = (before.used.get(keyOf(key)) ?? 0) > 0;
          assert.ok(inMemory === undefined || inRuntime === undefined || !isUsed, `${keyOf(key)} is in use`);
        }
      },
      editsMax: 3,
    });
  });

  it('touches nothing that is nobody’s, or somebody else’s', () => {
    checkLives({
      check: ({ before }, { admin }, { targets: [first] }) => {
        for (const [key, row] of before.memory) {
          const isMine = first !== undefined && (isOf(row, first.group) || isNamed(first, row));
          const isAdopted = first?.body.kind === 'snapshot' && first.body.policy.adoptExisting;
          if (row.hostgroup !== 30 && (![10, 20].includes(row.hostgroup) || isMine || isAdopted)) continue;
          assert.deepEqual(admin.memory.get(key), row, `${key} was changed`);
        }
        const nobodys = [...before.runtime.keys()].filter((key) => key.startsWith('30 '));
        assert.deepEqual([...admin.runtime.keys()].filter((key) => key.startsWith('30 ')).sort(), nobodys.sort());
      },
      editsMax: 3,
    });
  });

  it('touches nothing at first contact with a proxy that serves, unless told to adopt', () => {
    checkLives({
      check: ({ before }, { admin, known }, { targets: [first] }) => {
        if (first?.body.kind !== 'snapshot' || first.body.policy.adoptExisting || known.has(first.group)) return;
        const there = [...before.memory.values()].filter(({ hostgroup }) => hostgroup === 10 || hostgroup === 20);
        const shown = [...before.runtime.values()].filter(({ hostgroup }) => hostgroup === 10 || hostgroup === 20);
        if (there.length === 0 || [...there, ...shown].some((row) => isOf(row, first.group))) return;
        for (const row of there) assert.deepEqual(admin.memory.get(keyOf(row)), row);
      },
    });
  });

  it('leaves out of service what somebody took out of it, until that expires', () => {
    checkLives({
      check: ({ before, atMs }, { admin, cordonedAt }, { targets: [first] }) => {
        const cordonMs = first?.body.kind === 'snapshot' ? first.body.policy.cordonSeconds * 1000 : 0;
        for (const [key, sinceMs] of cordonedAt) {
          if (isServing(before.runtime.get(key)) || atMs >= sinceMs + cordonMs) continue;
          assert.equal(isServing(admin.runtime.get(key)), false, `${key} is back`);
        }
      },
      editsMax: 3,
    });
  });
});
