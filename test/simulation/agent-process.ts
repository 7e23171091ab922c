import { createHash } from 'node:crypto';
import type { LastKnownGood } from '../../agent/core/last-known-good.ts';
import { AgentError } from '../../agent/errors.ts';
import { Applier } from '../../agent/loops/applier.ts';
import { DriftChecker } from '../../agent/loops/drift-checker.ts';
import { Heartbeat } from '../../agent/loops/heartbeat.ts';
import { Keeper } from '../../agent/loops/keeper.ts';
import { ProxyWatch } from '../../agent/loops/proxy-watch.ts';
import { Reporter } from '../../agent/loops/reporter.ts';
import { Subscriber } from '../../agent/loops/subscriber.ts';
import type { ModuleAdmin, SnapshotStore } from '../../agent/ports.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import { FakeMetrics } from '../agent/fakes/fake-ports.ts';
import { noFiles } from '../agent/fakes/idle-modules.ts';
import { AdminLink } from './admin-link.ts';
import type { SimNetwork } from './sim-network.ts';
import type { SimProcess } from './sim-process.ts';
import type { SimProxy } from './sim-proxy.ts';

/** A pod's disk: what an agent kept, also for its next life. */
export type AgentDisk = { state: string | null; isFull: boolean };

export type AgentWorld = {
  readonly proxy: SimProxy;
  readonly modules: ModuleAdmin;
  readonly disk: AgentDisk;
  readonly network: SimNetwork;
  readonly log: Logger;
  readonly random: () => number;
  readonly agentId: string;
  readonly podUid: string;
  readonly bootId: string;
  readonly fleet: string;
  readonly cell: string;
  readonly foreignGraceMs: number;
  readonly saveToDisk: boolean;
  /** Called around every call that may change the proxy. */
  readonly acting: <T>(name: string, act: () => Promise<T>) => Promise<T>;
};

/** How often an agent looks at its proxy, whoever changed what. */
const driftIntervalMs = 20_000;
const lastKnownGoodMaxAgeMs = 24 * 3_600_000;

/** Agents look at the same rows over and over. */
const digests = new Map<string, string>();
const digestsMax = 2000;

function digestOf(text: string): string {
  const known = digests.get(text);
  if (known !== undefined) return known;
  if (digests.size >= digestsMax) digests.clear();
  const digest = createHash('sha256').update(text).digest('hex');
  digests.set(text, digest);
  return digest;
}

/** One life of an agent: the real loops over simulated ports. */
export class AgentProcess {
  readonly process: SimProcess;
  readonly applier: Applier;
  readonly #components: readonly Component[];

  constructor(process: SimProcess, world: AgentWorld) {
    this.process = process;
    const { log, random, agentId, bootId, fleet, cell, podUid } = world;
    const { clock } = process;
    const metrics = new FakeMetrics();
    const owner = { agentId, bootId };
    let ids = 0;
    const entropy = {
      randomId: () => `${bootId}-${(ids += 1)}`,
      digest: digestOf,
    };
    const { admin, modules } = new AdminLink({ process, ...world });
    const keeper = new Keeper({ store: diskOf(process, world.disk), clock, log, metrics });
    const watch = new ProxyWatch({ admin, entropy, log, owner });
    const applying = { admin, modules, files: noFiles, watch, keeper, entropy, metrics, clock, log, random };
    const { foreignGraceMs, saveToDisk } = world;
    const pace = { foreignGraceMs, loadIntervalMs: 2000, saveToDisk, lastKnownGoodMaxAgeMs };
    const applier = new Applier(applying, pace);
    this.applier = applier;
    const link = world.network.link(process);
    const identity = { ...owner, cell, fleet, podUid };
    const subscriber = new Subscriber({ link, applier, watch, keeper, metrics, clock, log, random }, identity);
    const lastKnownGood: Component = {
      name: 'last-known-good',
      start: () => {
        applier.adopt(keeper.usableTargets(lastKnownGoodMaxAgeMs), keeper.fleet);
      },
      stop: () => undefined,
    };
    const heartbeat = new Heartbeat({ admin, watch, metrics, clock }, bootId);
    const drift = new DriftChecker({ applier, clock }, driftIntervalMs);
    const reporter = new Reporter({ admin, applier, subscriber, metrics, clock });
    this.#components = [keeper, lastKnownGood, heartbeat, applier, drift, subscriber, reporter];
  }

  async start(): Promise<void> {
    try {
      for (const component of this.#components) await component.start();
    } catch {
      this.process.crash();
    }
  }
}

/** What is written is whole, or not there. */
function diskOf(process: SimProcess, disk: AgentDisk): SnapshotStore {
  const fails = (): Error => new AgentError('SNAPSHOT_FILE_FAILED', 'no space left on device');
  return {
    read: () =>
      process.call(
        'disk.read',
        () => ({ state: disk.state === null ? null : (JSON.parse(disk.state) as LastKnownGood), problem: null }),
        fails,
      ),
    write: (state) => {
      const text = JSON.stringify(state);
      return process.call(
        'disk.write',
        () => {
          if (disk.isFull) throw fails();
          disk.state = text;
        },
        fails,
      );
    },
  };
}
