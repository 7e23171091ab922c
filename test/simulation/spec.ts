import { type GroupSpec, parseGroupSpec } from '../../coordinator/core/group-spec.ts';
import type { Random } from './random.ts';

/** A group whose policy the seed decides. */
export function specOf(random: Random): GroupSpec {
  const replicasMin = random.int(0, 1);
  const hasOtherReaders = replicasMin > 0 || random.chance(0.5);
  const parsed = parseGroupSpec({
    name: 'orders',
    fleet: 'main',
    project: 'shop-prod-1',
    primary: 'orders-primary',
    writerHostgroup: 5,
    readerHostgroup: 10,
    staticReaders: hasOtherReaders && (replicasMin === 0 || random.chance(0.5)) ? [{ hostname: '10.9.0.1' }] : [],
    policy: {
      replicasMin,
      replicasMax: replicasMin + random.int(1, 3),
      scaleOutCooldownSeconds: random.pick([0, 5, 10]),
      scaleInCooldownSeconds: random.pick([0, 5, 10]),
    },
    gate: { username: 'gate', passwordSecret: 'gate', samples: random.int(1, 3) },
    // The last reader never leaves: without another, and without the writer in its place, a scale-in to 0 would hold.
    writerFallbackConnections: hasOtherReaders ? random.pick([0, 100]) : 100,
    users: random.chance(0.3) ? [{ username: 'app', passwordSecret: 'app' }] : [],
    agents: { cordonSeconds: random.pick([0, 30]) },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed));
  return parsed.value;
}
