import { keyOf, type ServerRow } from '../../agent/core/rows.ts';
import { row } from '../agent/fakes/fake-admin.ts';
import { Random } from './random.ts';
import type { Pod, World } from './world.ts';

/** Something that happens to the world, at a time that the seed chose. */
type Mishap = {
  readonly weight: number;
  readonly kind: string;
  readonly happen: (world: World, random: Random) => void;
};

const foreignHostgroup = 77;

/** Everything that can go wrong outside a call. */
const mishaps: readonly Mishap[] = [
  { weight: 3, kind: 'coordinator dies', happen: ({ coordinator }) => coordinator?.process.crash() },
  { weight: 3, kind: 'coordinator freezes', happen: freezeCoordinator },
  { weight: 4, kind: 'agent dies', happen: (world, random) => random.pick(world.pods).agent?.process.crash() },
  {
    weight: 2,
    kind: 'agent freezes',
    happen: (world, random) => random.pick(world.pods).agent?.process.freeze(random.int(1000, 60_000)),
  },
  {
    weight: 3,
    kind: 'stream breaks',
    happen: (world, random) => {
      const agent = random.pick(world.pods).agent;
      if (agent !== null) world.network.cut(agent.process.name);
    },
  },
  {
    weight: 2,
    kind: 'agent is cut off',
    happen: (world, random) => {
      const agent = random.pick(world.pods).agent;
      if (agent !== null) world.network.partition(agent.process.name, random.int(5000, 60_000));
    },
  },
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
    weight: 3,
    kind: 'lists are partial',
    happen: (world, random) => {
      forAWhile(world, random, 45_000, (isOn) => {
        world.cloud.partial = isOn ? 0.7 : 0;
      });
    },
  },
  {
    weight: 2,
    kind: 'lists lag',
    happen: (world, random) => {
      forAWhile(world, random, 45_000, (isOn) => {
        world.cloud.lagMs = isOn ? random.int(1000, 15_000) : 0;
      });
    },
  },
  {
    weight: 2,
    kind: 'Cloud SQL is down',
    happen: (world, random) => {
      forAWhile(world, random, 30_000, (isOn) => {
        world.cloud.isDown = isOn;
      });
    },
  },
  { weight: 3, kind: 'an operation will fail', happen: ({ cloud }) => void cloud.nextOperations.push('fail') },
  { weight: 2, kind: 'an operation will be slow', happen: ({ cloud }) => void cloud.nextOperations.push('slow') },
  {
    weight: 2,
    kind: 'a replica lags',
    happen: (world, random) => {
      onReplica(world, random, (address) => {
        forAWhile(world, random, 45_000, (isOn) => {
          if (isOn) world.lag.set(address, random.pick([null, 60]));
          else world.lag.delete(address);
        });
      });
    },
  },
  {
    weight: 2,
    kind: 'a replica is not reached',
    happen: (world, random) => {
      onReplica(world, random, (address, name) => {
        world.cloud.change(name, { wasBroken: true });
        forAWhile(world, random, 60_000, (isOn) => {
          if (isOn) world.unreachable.add(address);
          else world.unreachable.delete(address);
        });
      });
    },
  },
  { weight: 3, kind: 'a direct session begins', happen: beginSession },
  {
    weight: 1,
    kind: 'person deletes a replica',
    happen: (world, random) => {
      onReplica(world, random, (_address, name) => {
        world.cloud.deleteByPerson(name);
      });
    },
  },
  { weight: 1, kind: 'person takes the labels off', happen: takeLabels },
  { weight: 1, kind: 'person promotes a replica', happen: promote },
  { weight: 1, kind: 'person stops a replica', happen: stopReplica },
  { weight: 2, kind: 'clocks are wrong', happen: setClock },
  {
    weight: 1,
    kind: 'a message is poison',
    happen: (world, random) => {
      world.alerts.poison(random.pick(['{', '{"version":"1.2"}', 'null', '{"version":"test","incident":{}}']));
    },
  },
];

/** Plans a seed's mishaps: when, and which. */
export function planMishaps(
  world: World,
  { seed, untilMs }: { readonly seed: number; readonly untilMs: number },
): void {
  const random = new Random(seed, 'mishaps');
  const count = random.int(6, 16);
  const total = mishaps.reduce((sum, { weight }) => sum + weight, 0);
  for (let index = 0; index < count; index += 1) {
    const atMs = random.int(5000, untilMs);
    let at = random.next() * total;
    const mishap = mishaps.find(({ weight }) => (at -= weight) < 0) ?? mishaps[0]!;
    const id = `mishap ${index}`;
    world.scheduler.after(atMs, () => {
      if (world.faults.isLeftOut(id)) return;
      world.faults.note(id, mishap.kind, world.scheduler.nowMs);
      mishap.happen(world, new Random(seed, id));
    });
  }
}

/** Switches something on, and off again after at most `mostMs`. */
function forAWhile({ scheduler }: World, random: Random, mostMs: number, set: (isOn: boolean) => void): void {
  set(true);
  scheduler.after(random.int(1000, mostMs), () => {
    set(false);
  });
}

/** Another coordinator may take over; the frozen one thaws and finds that out by itself. */
function freezeCoordinator(world: World, random: Random): void {
  const frozen = world.coordinator;
  if (frozen === null || !frozen.isReady) return;
  frozen.process.freeze(random.int(1000, 60_000));
  if (!random.chance(0.6)) return;
  world.scheduler.after(random.int(500, 30_000), () => {
    if (world.coordinator !== frozen) return;
    world.startCoordinator();
    world.scheduler.after(60_000, () => {
      frozen.process.crash();
    });
  });
}

function restartProxy(world: World, { proxy }: Pod, random: Random): void {
  proxy.isDown = true;
  proxy.lost();
  world.scheduler.after(random.int(200, 15_000), () => {
    proxy.isDown = false;
    proxy.nowMs = world.scheduler.nowMs;
    proxy.restart();
  });
}

/** A person takes a server of ours out of service, and loads it or not, and brings it back or not. */
function setOffline(world: World, random: Random): void {
  const { proxy } = random.pick(world.pods);
  const isOnline = ({ comment, status }: ServerRow): boolean => comment.startsWith('chester ') && status === 'ONLINE';
  const rows = [...proxy.memory.values()].filter(isOnline);
  if (rows.length === 0 || proxy.isDown) return;
  const chosen = random.pick(rows);
  edit(world, proxy, { ...chosen, status: random.pick(['OFFLINE_SOFT', 'OFFLINE_HARD']) }, random.chance(0.7));
}

function edit(world: World, proxy: Pod['proxy'], row: ServerRow, isLoaded: boolean): void {
  proxy.nowMs = proxy.othersAtMs = world.scheduler.nowMs;
  proxy.memory.set(keyOf(row), row);
  proxy.editedKeys.add(keyOf(row));
  proxy.pendingEdits.set(keyOf(row), { row, sinceMs: world.scheduler.nowMs });
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
  world.scheduler.after(random.int(1000, 100_000), () => {
    if (proxy.pendingEdits.size > 0 && !proxy.isDown) {
      proxy.nowMs = proxy.othersAtMs = world.scheduler.nowMs;
      proxy.load();
    }
  });
}

function onReplica(world: World, random: Random, act: (address: string, name: string) => void): void {
  const owned = [...world.cloud.instances.values()].filter(
    ({ isCreated, state, address }) => isCreated && state === 'RUNNABLE' && address !== null,
  );
  if (owned.length === 0) return;
  const { address, name } = random.pick(owned);
  if (address !== null) act(address, name);
}

function beginSession(world: World, random: Random): void {
  onReplica(world, random, (address) => {
    const session = { sinceMs: world.scheduler.nowMs };
    world.sessions.set(address, [...(world.sessions.get(address) ?? []), session]);
    world.scheduler.after(random.int(1000, 60_000), () => {
      const others = world.sessions.get(address)?.filter((one) => one !== session) ?? [];
      world.sessions.set(address, others);
    });
  });
}

function takeLabels(world: World, random: Random): void {
  onReplica(world, random, (_address, name) => {
    const { labels = {}, settingsVersion = '1' } = world.cloud.find(name) ?? {};
    touch(world, name, { labels: { chester: 'true' }, settingsVersion: String(Number(settingsVersion) + 1) });
    world.scheduler.after(random.int(10_000, 100_000), () => {
      touch(world, name, { labels });
    });
  });
}

function promote(world: World, random: Random): void {
  onReplica(world, random, (_address, name) => {
    touch(world, name, { instanceType: 'CLOUD_SQL_INSTANCE', primary: null });
    world.rules.lost();
  });
}

function stopReplica(world: World, random: Random): void {
  onReplica(world, random, (_address, name) => {
    touch(world, name, { isStopped: true, wasBroken: true });
    world.scheduler.after(random.int(10_000, 100_000), () => {
      touch(world, name, { isStopped: false });
    });
  });
}

function setClock({ coordinator, pods }: World, random: Random): void {
  const skewMs = random.int(-30_000, 30_000);
  const pod = random.pick(pods);
  if (random.chance(0.5)) {
    pod.skewMs = skewMs;
    if (pod.agent !== null) pod.agent.process.skewMs = skewMs;
  } else if (coordinator !== null) {
    coordinator.process.skewMs = skewMs;
  }
}

function touch(world: World, name: string, change: Parameters<World['cloud']['change']>[1]): void {
  world.cloud.change(name, { ...change, isTouched: true, touchedAtMs: world.scheduler.nowMs });
}
