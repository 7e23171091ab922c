import type { ReplicaProbe } from '../../coordinator/ports.ts';
import type { World } from './world.ts';

const failed = { outcome: 'failed', reason: 'ECONNREFUSED' } as const;

/**
 * What replicas say of themselves: their lag, and who is connected, through proxies or past them. `isNewest`: of one that
 * was fenced nobody takes what it heard.
 */
export function probeOf(world: World, isNewest: () => boolean): ReplicaProbe {
  return {
    sampleGate: ({ hostname }) => {
      const lagSeconds = world.lag.get(hostname) ?? (world.lag.has(hostname) ? null : 0);
      const isGood = world.isUp(hostname) && lagSeconds !== null && lagSeconds <= world.spec.gate.lagSecondsMax;
      if (isNewest()) world.rules.noteGate(hostname, isGood);
      if (!world.isUp(hostname)) return Promise.resolve(failed);
      return Promise.resolve({ outcome: 'answered', lagSeconds, isEncrypted: false });
    },
    sampleSessions: ({ hostname }) => {
      if (!world.isUp(hostname)) return Promise.resolve(failed);
      const direct = world.sessions.get(hostname) ?? [];
      const used = world.pods.reduce((sum, { proxy }) => sum + proxy.connectionsTo(hostname), direct.length);
      if (isNewest()) world.rules.noteSessions(hostname, used > 0);
      return Promise.resolve({ outcome: 'answered', users: used > 0 ? ['app'] : [] });
    },
  };
}
