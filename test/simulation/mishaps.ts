import type { Replica } from '../../coordinator/core/replica.ts';
import { cloudMishaps } from './cloud-mishaps.ts';
import { daemonMishaps } from './daemon-mishaps.ts';
import { calmAfterMs } from './faults.ts';
import type { Mishap } from './mishap.ts';
import { orderMishaps } from './order-mishaps.ts';
import { proxyMishaps } from './proxy-mishaps.ts';
import { Random } from './random.ts';
import { storeMishaps } from './store-mishaps.ts';
import type { World } from './world.ts';
import { writerMishaps } from './writer-mishaps.ts';

/** Everything that can go wrong outside a call. */
const mishaps: readonly Mishap[] = [
  ...daemonMishaps,
  ...cloudMishaps,
  ...proxyMishaps,
  ...writerMishaps,
  ...orderMishaps,
  ...storeMishaps,
];

/** What goes wrong at the worst moment: just when a replica's life turns. */
const moments: Readonly<Record<Replica['state'], readonly string[]>> = {
  creating: [
    'coordinator dies',
    'coordinator freezes',
    'lists are partial',
    'Cloud SQL refuses',
    'lists lag',
    'somebody is faster with snapshots',
    "a creation's answer is lost",
    "a creation's answer is lost",
    'the store fails over and lacks its last commits',
  ],
  gating: ['a replica lags', 'a replica is not reached', 'lists are partial', 'coordinator dies', 'proxy restarts'],
  serving: [
    'lists are partial',
    'agent is cut off',
    'coordinator freezes',
    'the store fails over and lacks its last commits',
    'person cordons a replica',
    'person drains a replica',
    'clients hold a replica',
    'a replica lags',
  ],
  draining: [
    'agent freezes',
    'agent is cut off',
    'agent dies',
    "an agent's disk is full",
    'agent comes back from an old disk',
    'agent comes back from an old disk',
    'snapshots cannot be stored',
    'somebody is faster with snapshots',
    'a direct session begins',
    'clients hold a replica',
    'person forces a drain',
    'person forces a drain',
    'a replica is not reached',
    'proxy restarts',
    'lists are partial',
    'coordinator freezes',
    'more is wanted',
    'the store fails over and lacks its last commits',
    'person cordons a replica',
  ],
  deleting: [
    'person takes the labels off',
    'person gives a replica one of its own',
    'lists are partial',
    'lists are partial',
    'lists are partial',
    'coordinator dies',
    'coordinator freezes',
    'more is wanted',
    'more is wanted',
    'the store fails over and lacks its last commits',
    'proxy restarts',
  ],
};

/** Chance that a turn in a replica's life is such a moment. */
const momentChance = 0.4;

/** Called when a replica's record turned: something may go wrong right now. */
export function atMoment(world: World, seed: number, { name, state }: Replica): void {
  const id = `moment ${name} ${state}`;
  const random = new Random(seed, id);
  // A replica's last turns come late: they go wrong for longer than all else.
  const isOver = world.scheduler.nowMs >= world.faultsUntilMs + calmAfterMs;
  if (isOver || !random.chance(momentChance) || world.faults.isLeftOut(id)) return;
  const kind = random.pick(moments[state]);
  const mishap = mishaps.find((one) => one.kind === kind);
  if (mishap === undefined) throw new Error(`no mishap is called ${kind}`);
  const happen = (): void => {
    world.faults.note(id, kind, world.scheduler.nowMs);
    mishap.happen(world, random, name);
  };
  if (random.chance(0.5)) happen();
  else world.scheduler.after(random.int(0, 3000), happen);
}

/** Plans a seed's mishaps: when, and which. */
export function planMishaps(world: World, seed: number): void {
  const random = new Random(seed, 'mishaps');
  const count = random.int(5, 11);
  const total = mishaps.reduce((sum, { weight }) => sum + weight, 0);
  for (let index = 0; index < count; index += 1) {
    const atMs = random.int(4000, world.faultsUntilMs);
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
