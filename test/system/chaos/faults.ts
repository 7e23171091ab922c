import { setTimeout as pause } from 'node:timers/promises';
import { type ChaosStage, leaseTtlMs, type Name } from './stage.ts';
import type { Takeovers } from './takeovers.ts';

/** Something that goes wrong while a replica comes or goes; resolves when it is over. */
export type Fault = {
  readonly name: string;
  readonly happen: (stage: ChaosStage, takeovers: Takeovers) => Promise<void>;
};

const briefMs = 5000;
const longerThanLeaseMs = 2 * leaseTtlMs + 1000;

async function holderOf(stage: ChaosStage): Promise<Name> {
  for (let tries = 0; tries < 100; tries += 1) {
    const [holder] = await stage.holders();
    if (holder !== undefined) return holder;
    await pause(100);
  }
  return 'first';
}

const otherOf = (name: Name): Name => (name === 'first' ? 'second' : 'first');

async function freeze(stage: ChaosStage, name: Name): Promise<void> {
  stage.signal(name, 'SIGSTOP');
  await pause(longerThanLeaseMs);
  stage.signal(name, 'SIGCONT');
}

async function killAndRestart(stage: ChaosStage, name: Name): Promise<void> {
  await stage.kill(name);
  await pause(1000);
  await stage.restart(name);
}

/** In this order, each in the middle of a scale-out and of a scale-in. */
export const faults: readonly Fault[] = [
  { name: 'nothing', happen: () => Promise.resolve() },
  { name: 'the decider is killed', happen: async (stage, takeovers) => takeovers.kill(stage, await holderOf(stage)) },
  { name: 'the decider is frozen', happen: async (stage, takeovers) => takeovers.freeze(stage, await holderOf(stage)) },
  { name: "Redis' primary is killed", happen: (stage) => stage.redis.killPrimary(1000) },
  {
    name: 'every connection of an agent breaks',
    happen: (stage) => {
      stage.network.reset();
      return Promise.resolve();
    },
  },
  {
    name: 'half of the agents are cut off',
    happen: async (stage) => {
      stage.network.become({ kind: 'blackhole', share: 0.5 });
      await pause(briefMs);
      stage.network.become({ kind: 'clear' });
    },
  },
  {
    name: 'the other coordinator is killed',
    happen: async (stage) => killAndRestart(stage, otherOf(await holderOf(stage))),
  },
  { name: "Redis' primary is frozen", happen: (stage) => stage.redis.freezePrimary(briefMs) },
  {
    name: 'the network is slow',
    happen: async (stage) => {
      stage.network.become({ kind: 'latency', ms: 300 });
      await pause(briefMs);
      stage.network.become({ kind: 'clear' });
    },
  },
  { name: 'the other coordinator is frozen', happen: async (stage) => freeze(stage, otherOf(await holderOf(stage))) },
  {
    name: 'agents reach nobody',
    happen: async (stage) => {
      stage.network.become({ kind: 'refuse' });
      stage.network.reset();
      await pause(briefMs);
      stage.network.become({ kind: 'clear' });
    },
  },
  {
    name: 'both coordinators are killed',
    happen: async (stage) => {
      await Promise.all([stage.kill('first'), stage.kill('second')]);
      await pause(1000);
      await Promise.all([stage.restart('first'), stage.restart('second')]);
    },
  },
];
