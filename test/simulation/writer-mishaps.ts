import { keys } from '../../coordinator/core/records.ts';
import type { Mishap } from './mishap.ts';
import { Random } from './random.ts';
import type { World } from './world.ts';

/** Another instance becomes the primary, and an operator says so, once for each group. */
export const writerMishaps: readonly Mishap[] = [
  { weight: 1, kind: 'the primary is switched over', happen: switchOver },
];

function switchOver(world: World, random: Random): void {
  const old = world.spec.primary;
  const next = `${world.initialSpec.primary}-2`;
  if (old === next || world.cloud.find(next) !== undefined) return;
  if (world.cloud.isBusy(old)) {
    world.scheduler.after(5000, () => {
      switchOver(world, random);
    });
    return;
  }
  world.cloud.addPrimary(next);
  const replicas = [...world.cloud.instances.values()].filter(({ primary }) => primary === old);
  for (const { name } of replicas) world.cloud.change(name, { primary: next, isTouched: true });
  world.cloud.change(old, { instanceType: 'READ_REPLICA_INSTANCE', primary: next, replicaNames: [] });
  world.cloud.change(next, { replicaNames: [...replicas.map(({ name }) => name), old] });
  world.scheduler.after(random.int(1000, 12_000), () => {
    order(world, random, { instance: next, oldIsGone: random.chance(0.3), tries: 1 });
  });
}

type Order = { readonly instance: string; readonly oldIsGone: boolean; readonly tries: number };

/** A proxy whose only reader is the old writer never proves it absent: after a while the operator vouches for it. */
const patience = 4;

/** Orders it until the group says so: a coordinator may be away, or the store may refuse. */
function order(world: World, random: Random, { instance, oldIsGone, tries }: Order): void {
  if (world.spec.primary === instance) return;
  // An order that came before may be carried out after this one.
  world.isOldWriterGone ||= oldIsGone;
  const { coordinator } = world;
  const request = { group: world.spec.name, owner: 'operator', reason: 'switchover', instance, oldIsGone };
  if (coordinator?.isReady === true) {
    coordinator.process.run(() => {
      coordinator.servers.acceptPrimary(request).catch(() => undefined);
    });
  }
  world.scheduler.after(random.int(8000, 15_000), () => {
    order(world, random, { instance, oldIsGone: oldIsGone || tries >= patience, tries: tries + 1 });
  });
}

const accepting = new WeakSet<World>();

/** A store that went back may have lost that the other instance is the writer: the operator orders it once more. */
export function acceptAgain(world: World): void {
  const { cloud, initialSpec, spec } = world;
  const instance = `${initialSpec.primary}-2`;
  const isLost = spec.primary !== instance && cloud.find(spec.primary)?.instanceType === 'READ_REPLICA_INSTANCE';
  if (!isLost || accepting.has(world) || world.rules.stored.has(keys.writerOrder(spec.name))) return;
  accepting.add(world);
  order(world, new Random(0, 'accept again'), { instance, oldIsGone: false, tries: 1 });
}
