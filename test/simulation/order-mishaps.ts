import { addressOf } from '../../coordinator/core/replica.ts';
import type { CoordinatorProcess } from './coordinator-process.ts';
import { type Mishap, pickReplica } from './mishap.ts';
import { holdSomewhere } from './proxy-mishaps.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** What people order while all that goes on: by any coordinator that takes it, and taken back some time. */
export const orderMishaps: readonly Mishap[] = [
  { weight: 2, kind: 'person cordons a replica', happen: cordon },
  { weight: 2, kind: 'person pauses the autoscaler', happen: pause },
  { weight: 1, kind: 'person sets the count', happen: scale },
  { weight: 1, kind: 'person drains a replica', happen: drain },
  { weight: 0, kind: 'person forces a drain', happen: force },
];

type Act = (
  coordinator: CoordinatorProcess,
  by: { readonly group: string; readonly owner: string; readonly reason: string },
) => Promise<unknown>;

/** Orders something once; whether it is taken is not this person's business. */
export function order(world: World, reason: string, act: Act): void {
  const { coordinator } = world;
  if (coordinator?.isReady !== true) return;
  const by = { group: world.spec.name, owner: 'operator', reason };
  coordinator.process.run(() => {
    act(coordinator, by).catch(() => undefined);
  });
}

function cordon(world: World, random: Random, about?: string): void {
  const replica = pickReplica(world, random, about);
  if (replica === null) return;
  const server = replica.name;
  const seconds = random.chance(0.5) ? random.int(10, 60) : null;
  order(world, 'it is slow', ({ servers }, by) => servers.cordon({ ...by, server, seconds }));
  world.scheduler.after(random.int(3000, 15_000), () => {
    order(world, 'it is fine', ({ servers }, by) => servers.uncordon({ ...by, server }));
  });
}

function pause(world: World, random: Random): void {
  const direction = random.pick(['out', 'in', 'both']);
  const seconds = random.chance(0.3) ? random.int(10, 60) : null;
  order(world, 'a release', ({ scaling }, by) => scaling.pause({ ...by, direction, seconds }));
  world.scheduler.after(random.int(3000, 15_000), () => {
    order(world, 'it is out', ({ scaling }, by) => scaling.resume({ ...by, direction: 'both' }));
  });
}

function scale(world: World, random: Random): void {
  const { replicasMin, replicasMax } = world.spec.policy;
  const replicas = random.int(replicasMin, replicasMax);
  const holdSeconds = random.chance(0.7) ? random.int(10, 120) : null;
  order(world, 'a sale', ({ scaling }, by) => scaling.scale({ ...by, replicas, holdSeconds }));
  world.scheduler.after(random.int(3000, 15_000), () => {
    order(world, 'it is over', ({ scaling }, by) => scaling.release(by));
  });
}

/** It is replaced first, or not at all. */
function drain(world: World, random: Random, about?: string): void {
  const replica = pickReplica(world, random, about);
  if (replica === null) return;
  const server = replica.name;
  const withoutReplacement = random.chance(0.3);
  order(world, 'an old disk', ({ removals }, by) => removals.drain({ ...by, server, withoutReplacement }));
  if (random.chance(0.7)) return;
  world.scheduler.after(random.int(1000, 15_000), () => {
    order(world, 'it stays', ({ removals }, by) => removals.cancel({ ...by, server }));
  });
}

/** Clients hold what drains, and a person has them cut off; and thinks better of it, perhaps. */
function force(world: World, random: Random, about?: string): void {
  const draining = world.rules.replicas().filter(({ state }) => state === 'draining');
  const chosen = draining.find(({ name }) => name === about) ?? draining[0];
  if (chosen === undefined) return;
  const server = chosen.name;
  const address = addressOf(chosen);
  if (address !== null) holdSomewhere(world, random, address);
  world.scheduler.after(random.int(500, 12_000), () => {
    order(world, 'it has to go', ({ removals }, by) =>
      removals.drain({ ...by, server, withoutReplacement: false, force: true }),
    );
  });
  if (random.chance(0.7)) return;
  world.scheduler.after(random.int(3000, 20_000), () => {
    order(world, 'let them', ({ removals }, by) => removals.cancel({ ...by, server }));
  });
}

/** People take back what they ordered: asked again and again until nothing is left. */
export function endOrders(world: World): void {
  const { name } = world.spec;
  for (const key of world.rules.stored.keys()) {
    const server = key.startsWith(`cordon/${name}/`) ? key.slice(`cordon/${name}/`.length) : null;
    if (server !== null) order(world, 'over', ({ servers }, by) => servers.uncordon({ ...by, server }));
    if (key === `pause/${name}`)
      order(world, 'over', ({ scaling }, by) => scaling.resume({ ...by, direction: 'both' }));
    const going = key.startsWith(`drain/${name}/`) ? key.slice(`drain/${name}/`.length) : null;
    if (going !== null) order(world, 'over', ({ removals }, by) => removals.cancel({ ...by, server: going }));
    if (key === `override/${name}`) order(world, 'over', ({ scaling }, by) => scaling.release(by));
  }
}
