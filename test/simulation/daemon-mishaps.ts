import { forAWhile, type Mishap } from './mishap.ts';
import { order } from './order-mishaps.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** What goes wrong with our own daemons, between them, and with who calls them. */
export const daemonMishaps: readonly Mishap[] = [
  { weight: 3, kind: 'coordinator dies', happen: ({ coordinator }) => coordinator?.process.crash() },
  { weight: 3, kind: 'coordinator freezes', happen: freezeCoordinator },
  { weight: 1, kind: 'coordinator freezes before a snapshot', happen: freezeBeforeSnapshot },
  { weight: 4, kind: 'agent dies', happen: (world, random) => random.pick(world.pods).agent?.process.crash() },
  {
    weight: 2,
    kind: 'agent freezes',
    happen: (world, random) => random.pick(world.pods).agent?.process.freeze(1000 + random.next() ** 2 * 39_000),
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
      if (agent !== null) world.network.partition(agent.process.name, random.int(3000, 30_000));
    },
  },
  {
    weight: 1,
    kind: "an agent's disk is full",
    happen: (world, random) => {
      const pod = random.pick(world.pods);
      pod.disk.isFull = true;
      world.scheduler.after(random.int(8000, 30_000), () => {
        pod.disk.isFull = false;
        pod.agent?.process.crash();
      });
    },
  },
  { weight: 1, kind: 'agent comes back from an old disk', happen: comeBackOld },
  {
    weight: 1,
    kind: 'snapshots cannot be stored',
    happen: (world, random) => {
      forAWhile(world, random, 40_000, (isOn) => {
        world.refusesSnapshots = isOn;
      });
    },
  },
  {
    weight: 1,
    kind: 'somebody is faster with snapshots',
    happen: (world, random) => {
      world.snapshotConflicts = random.int(1, 2);
    },
  },
  { weight: 2, kind: 'clocks are wrong', happen: setClock },
  {
    weight: 1,
    kind: 'a message is poison',
    happen: (world, random) => {
      world.alerts.poison(random.pick(['{', '{"version":"1.2"}', 'null', '{"version":"test","incident":{}}']));
    },
  },
  {
    weight: 0,
    kind: 'more is wanted',
    happen: (world, random) => {
      const alert = world.alerts.open(world.spec.name, 'scale-out');
      world.scheduler.after(random.int(3000, 30_000), () => {
        world.alerts.close(alert);
      });
    },
  },
];

/** Another coordinator may take over; the frozen one thaws and finds that out by itself. */
function freezeCoordinator(world: World, random: Random): void {
  const frozen = world.coordinator;
  const seat = world.seats.find(({ holder }) => holder === frozen);
  if (frozen === null || seat === undefined) return;
  frozen.process.freeze(1000 + random.next() ** 2 * 39_000);
  if (!random.chance(0.6)) return;
  world.scheduler.after(random.int(500, 15_000), () => {
    if (seat.holder !== frozen) return;
    world.startCoordinator(seat);
    world.scheduler.after(60_000, () => {
      frozen.process.crash();
    });
  });
}

/**
 * Its disk takes nothing any more; later, at the latest when the replica that it should vote on is gone, it dies, and for
 * a while nobody tells it what became of the group.
 */
function comeBackOld(world: World, random: Random, about?: string): void {
  const pod = random.pick(world.pods);
  pod.disk.isFull = true;
  const latestMs = world.scheduler.nowMs + random.int(8000, 35_000);
  const comeBack = (): void => {
    const isOver = world.scheduler.nowMs >= latestMs || (about !== undefined && world.cloud.find(about) === undefined);
    if (!isOver) {
      world.scheduler.after(1000, comeBack);
      return;
    }
    pod.disk.isFull = false;
    world.network.partition(`${pod.name}-${pod.lives + 1}`, random.int(5000, 20_000));
    pod.agent?.process.crash();
  };
  comeBack();
}

/** What it was built from, another coordinator finds changed: more of it, or none any more. */
function freezeBeforeSnapshot(world: World, random: Random): void {
  const isTakenBack = random.chance(0.5);
  if (isTakenBack) cordonAll(world, 0);
  world.beforeSnapshot = (publisher) => {
    // For longer than its lease, and not for so long that its streams end.
    publisher.freeze(random.int(11_000, 20_000));
    const seat = world.seats.find(({ holder }) => holder?.process === publisher);
    world.scheduler.after(random.int(100, 1000), () => {
      if (seat?.holder?.process === publisher) world.startCoordinator(seat);
    });
    if (isTakenBack) uncordonAll(world);
    else cordonAll(world, 1500);
    world.scheduler.after(60_000, () => {
      publisher.crash();
    });
  };
}

function cordonAll(world: World, delayMs: number): void {
  for (const [index, { name }] of world.rules.replicas().entries()) {
    world.scheduler.after(delayMs + 1000 * index, () => {
      order(world, 'it is slow', ({ servers }, by) => servers.cordon({ ...by, server: name, seconds: 20 }));
    });
  }
}

/** Whoever is ready by then. */
function uncordonAll(world: World): void {
  for (const { name } of world.rules.replicas()) {
    for (const delayMs of [500, 2000, 4000, 7000]) {
      world.scheduler.after(delayMs, () => {
        order(world, 'it is fine', ({ servers }, by) => servers.uncordon({ ...by, server: name }));
      });
    }
  }
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
