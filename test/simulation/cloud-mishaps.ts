import { forAWhile, type Mishap, pickReplica } from './mishap.ts';
import type { Random } from './random.ts';
import type { SimInstance } from './sim-cloud.ts';
import type { World } from './world.ts';

/** What goes wrong in Cloud SQL: its API, its operations, its replicas, and people who work there too. */
export const cloudMishaps: readonly Mishap[] = [
  {
    weight: 3,
    kind: 'lists are partial',
    happen: (world, random) => {
      world.cloud.partialLacks = random.pick(['half', 'replicas', 'nothing']);
      forAWhile(world, random, 15_000, (isOn) => {
        world.cloud.partial = isOn ? 0.95 : 0;
      });
    },
  },
  {
    weight: 2,
    kind: 'lists lag',
    happen: (world, random) => {
      forAWhile(world, random, 15_000, (isOn) => {
        world.cloud.lagMs = isOn ? random.int(1000, 8000) : 0;
      });
    },
  },
  {
    weight: 2,
    kind: 'Cloud SQL refuses',
    happen: (world, random) => {
      const refusal = random.pick(['CLOUDSQL_UNAVAILABLE', 'CLOUDSQL_RATE_LIMITED', 'CLOUDSQL_FORBIDDEN'] as const);
      forAWhile(world, random, 10_000, (isOn) => {
        world.cloud.refusal = isOn ? refusal : null;
      });
    },
  },
  {
    weight: 1,
    kind: "a creation's answer is lost",
    happen: (world, random) => {
      world.cloud.lostAnswers = 1;
      // Nor does a look at the list tell what became of it.
      if (random.chance(0.5)) return;
      forAWhile(world, random, 20_000, (isOn) => {
        world.cloud.lagMs = isOn ? random.int(5000, 10_000) : 0;
      });
    },
  },
  { weight: 1, kind: 'an operation will fail', happen: ({ cloud }) => void cloud.nextOperations.push('fail') },
  { weight: 2, kind: 'an operation will be slow', happen: ({ cloud }) => void cloud.nextOperations.push('slow') },
  { weight: 2, kind: 'a replica lags', happen: lag },
  {
    weight: 2,
    kind: 'a replica is not reached',
    happen: (world, random, about) => {
      const replica = pickReplica(world, random, about);
      if (replica === null) return;
      forAWhile(world, random, 20_000, (isOn) => {
        if (isOn) world.unreachable.add(replica.address);
        else world.unreachable.delete(replica.address);
      });
    },
  },
  { weight: 3, kind: 'a direct session begins', happen: beginSession },
  {
    weight: 1,
    kind: 'person deletes a replica',
    happen: (world, random, about) => {
      const replica = pickReplica(world, random, about);
      if (replica !== null) world.cloud.deleteByPerson(replica.name);
    },
  },
  { weight: 1, kind: 'person takes the labels off', happen: takeLabels },
  {
    weight: 1,
    kind: 'person promotes a replica',
    happen: (world, random, about) => {
      const replica = pickReplica(world, random, about);
      if (replica === null) return;
      touch(world, replica.name, { instanceType: 'CLOUD_SQL_INSTANCE', primary: null });
      world.rules.lost();
    },
  },
  {
    weight: 1,
    kind: 'person stops a replica',
    happen: (world, random, about) => {
      const replica = pickReplica(world, random, about);
      if (replica === null) return;
      touch(world, replica.name, { isStopped: true, wasBroken: true });
      world.scheduler.after(random.int(5000, 40_000), () => {
        touch(world, replica.name, { isStopped: false });
      });
    },
  },
  {
    weight: 1,
    kind: 'person gives a replica one of its own',
    happen: (world, random, about) => {
      const replica = pickReplica(world, random, about);
      if (replica === null) return;
      const name = `${replica.name}-child-${Math.floor(world.scheduler.nowMs)}`;
      if (world.cloud.find(name) !== undefined) return;
      world.cloud.addForeignReplica(name, replica.name, {});
      world.scheduler.after(random.int(8000, 30_000), () => {
        world.cloud.deleteByPerson(name);
      });
    },
  },
];

function lag(world: World, random: Random, about?: string): void {
  const replica = pickReplica(world, random, about);
  if (replica === null) return;
  forAWhile(world, random, 60_000, (isOn) => {
    if (isOn) {
      world.lag.set(replica.address, random.pick([null, 60]));
      world.orders.lagSinceMs.set(replica.address, world.scheduler.nowMs);
      return;
    }
    world.lag.delete(replica.address);
    world.orders.lagSinceMs.delete(replica.address);
  });
}

function beginSession(world: World, random: Random, about?: string): void {
  const replica = pickReplica(world, random, about);
  if (replica === null) return;
  const { address } = replica;
  const session = { sinceMs: world.scheduler.nowMs };
  world.sessions.set(address, [...(world.sessions.get(address) ?? []), session]);
  world.scheduler.after(random.int(1000, 30_000), () => {
    const others = world.sessions.get(address)?.filter((one) => one !== session) ?? [];
    world.sessions.set(address, others);
  });
}

/** And puts them back some time. */
function takeLabels(world: World, random: Random, about?: string): void {
  const replica = pickReplica(world, random, about);
  const instance = replica === null ? undefined : world.cloud.find(replica.name);
  if (instance?.labels['chester-install'] === undefined) return;
  const { name, labels, settingsVersion } = instance;
  touch(world, name, { labels: { chester: 'true' }, settingsVersion: String(Number(settingsVersion) + 1) });
  world.scheduler.after(random.int(5000, 40_000), () => {
    touch(world, name, { labels });
  });
}

function touch(world: World, name: string, change: Partial<SimInstance>): void {
  world.cloud.change(name, { ...change, isTouched: true });
}
