import { keyOf, type ServerRow } from '../../agent/core/rows.ts';
import { row } from '../agent/fakes/fake-admin.ts';
import { type Mishap, pickReplica } from './mishap.ts';
import type { Random } from './random.ts';
import type { Pod } from './pod.ts';
import type { World } from './world.ts';

const foreignHostgroup = 77;

/** What goes wrong in proxies, and what people do there. */
export const proxyMishaps: readonly Mishap[] = [
  {
    weight: 4,
    kind: 'proxy restarts',
    happen: (world, random) => {
      restartProxy(world, random.pick(world.pods), random);
    },
  },
  {
    weight: 2,
    kind: 'person saves a proxy to disk',
    happen: (world, random) => {
      random.pick(world.pods).proxy.save();
    },
  },
  { weight: 3, kind: 'person sets a server offline', happen: setOffline },
  { weight: 2, kind: 'person edits foreign rows', happen: editForeign },
  {
    weight: 2,
    kind: 'clients hold a replica',
    happen: (world, random, about) => {
      const replica = pickReplica(world, random, about);
      if (replica !== null) holdSomewhere(world, random, replica.address);
    },
  },
];

/** Clients pin sessions to a replica, in each proxy or in some, for longer than a drain is patient. */
export function holdSomewhere(world: World, random: Random, address: string): void {
  for (const { proxy } of world.pods) {
    const row = [...proxy.runtime.values()].find(
      ({ hostname, status, comment }) => hostname === address && status === 'ONLINE' && comment.startsWith('chester '),
    );
    if (row === undefined || proxy.isDown || !random.chance(0.6)) continue;
    const session = proxy.hold(row);
    world.scheduler.after(random.int(4000, 45_000), () => {
      proxy.letGo(session);
    });
  }
}

function restartProxy(world: World, { proxy, modules }: Pod, random: Random): void {
  proxy.isDown = true;
  proxy.lost();
  world.scheduler.after(random.int(200, 8000), () => {
    proxy.isDown = false;
    proxy.nowMs = world.scheduler.nowMs;
    proxy.restart();
    for (const table of modules?.tables.values() ?? []) table.memory = table.runtime = [];
  });
}

/** A person takes a server of ours out of service, and loads it or not. */
function setOffline(world: World, random: Random): void {
  const { proxy } = random.pick(world.pods);
  const isOnline = ({ comment, status }: ServerRow): boolean => comment.startsWith('chester ') && status === 'ONLINE';
  const rows = [...proxy.memory.values()].filter(isOnline);
  if (rows.length === 0 || proxy.isDown) return;
  const chosen = random.pick(rows);
  edit(world, proxy, { ...chosen, status: random.pick(['OFFLINE_SOFT', 'OFFLINE_HARD']) }, random.chance(0.7));
}

/** A person deletes a row of ours from a proxy, and loads that. */
export function takeRow(world: World, random: Random): void {
  const { proxy } = random.pick(world.pods);
  const rows = [...proxy.memory.values()].filter(({ comment }) => comment.startsWith('chester '));
  if (rows.length === 0 || proxy.isDown) return;
  const key = keyOf(random.pick(rows));
  proxy.nowMs = proxy.othersAtMs = world.scheduler.nowMs;
  proxy.editedKeys.add(key);
  proxy.memory.delete(key);
  proxy.load();
  world.tell(`a person takes ${key} from ${proxy.id}`);
}

function edit(world: World, proxy: Pod['proxy'], edited: ServerRow, isLoaded: boolean): void {
  proxy.nowMs = proxy.othersAtMs = world.scheduler.nowMs;
  proxy.memory.set(keyOf(edited), edited);
  proxy.editedKeys.add(keyOf(edited));
  const sinceMs = proxy.pendingEdits.get(keyOf(edited))?.sinceMs ?? world.scheduler.nowMs;
  proxy.pendingEdits.set(keyOf(edited), { row: edited, sinceMs });
  if (isLoaded) proxy.load();
}

/** A person works on rows that are none of ours, and may be slow to load them. */
function editForeign(world: World, random: Random): void {
  const { proxy } = random.pick(world.pods);
  if (proxy.isDown) return;
  const hostname = `10.99.0.${random.int(1, 3)}`;
  const foreign = row(foreignHostgroup, hostname, { weight: random.int(1, 9), comment: 'mine' });
  proxy.foreignKeys.add(keyOf(foreign));
  edit(world, proxy, foreign, random.chance(0.4));
  world.scheduler.after(random.int(1000, 20_000), () => {
    if (proxy.pendingEdits.size > 0 && !proxy.isDown) {
      proxy.nowMs = proxy.othersAtMs = world.scheduler.nowMs;
      proxy.load();
    }
  });
}
