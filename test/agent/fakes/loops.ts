import assert from 'node:assert/strict';
import type { GroupStanding } from '../../../agent/core/session.ts';
import type { Server } from '../../../agent/core/snapshot.ts';
import { Applier } from '../../../agent/loops/applier.ts';
import { ClientGate, type ClientGateOptions } from '../../../agent/loops/client-gate.ts';
import { Keeper } from '../../../agent/loops/keeper.ts';
import { ProxyWatch } from '../../../agent/loops/proxy-watch.ts';
import { Subscriber } from '../../../agent/loops/subscriber.ts';
import type { ModuleAdmin } from '../../../agent/ports.ts';
import { FakeAdmin } from './fake-admin.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { fakeEntropy, FakeLink, FakeLog, FakeMetrics, FakeSnapshotStore } from './fake-ports.ts';
import { idleModules, noFiles } from './idle-modules.ts';
import { target } from './targets.ts';

export const pace = {
  foreignGraceMs: 60_000,
  loadIntervalMs: 0,
  saveToDisk: false,
  lastKnownGoodMaxAgeMs: 86_400_000,
};

const owner = { agentId: 'proxy-0', bootId: 'boot-0' };

/** The agent's loops over fakes of everything outside. */
export class Loops {
  readonly admin = new FakeAdmin();
  readonly clock = new FakeClock();
  readonly store = new FakeSnapshotStore();
  readonly metrics = new FakeMetrics();
  readonly log = new FakeLog();
  readonly link = new FakeLink();
  readonly keeper: Keeper;
  readonly watch: ProxyWatch;
  readonly applier: Applier;
  readonly subscriber: Subscriber;
  /** What the applier told, when no subscriber listens. */
  readonly standings: { readonly standing: GroupStanding; readonly isMoved: boolean }[] = [];

  constructor(paceHere: Partial<typeof pace> = {}, modules: ModuleAdmin = idleModules) {
    const { admin, clock, store, metrics, log, link } = this;
    const entropy = fakeEntropy();
    // The greatest delay that jitter allows, so that a test can wait it out.
    const random = (): number => 0.999;
    this.keeper = new Keeper({ store, clock, log, metrics });
    this.watch = new ProxyWatch({ admin, entropy, log, owner });
    const { keeper, watch } = this;
    this.applier = new Applier(
      { admin, modules, files: noFiles, watch, keeper, entropy, metrics, clock, log, random },
      { ...pace, ...paceHere },
    );
    const { applier } = this;
    const identity = { agentId: 'proxy-0', bootId: 'boot-0', cell: 'default', fleet: 'shop', podUid: 'uid' };
    this.subscriber = new Subscriber({ link, applier, watch, keeper, metrics, clock, log, random }, identity);
  }

  /** The door for clients; not started. */
  gate(options: Partial<ClientGateOptions> = {}): ClientGate {
    const { admin, watch, applier, subscriber, metrics, clock, log } = this;
    const deps = { admin, watch, applier, subscriber, metrics, clock, log, owner };
    return new ClientGate(deps, { endpointsMs: 20_000, deadlineMs: 60_000, onStop: false, ...options });
  }

  /** Starts the applier alone and listens to it. */
  async startApplier(): Promise<this> {
    await this.keeper.start();
    this.applier.listen({
      stands: (standing, isMoved) => this.standings.push({ standing, isMoved }),
      rebuilt: () => undefined,
      handedOver: () => undefined,
      isFollowed: () => false,
      leftOut: () => undefined,
    });
    this.applier.start();
    await settle();
    return this;
  }

  /** Starts everything; the coordinator has heard Hello. */
  async start(): Promise<this> {
    await this.keeper.start();
    this.applier.start();
    this.subscriber.start();
    await settle();
    return this;
  }

  /** The newest standing of the only group. */
  get standing(): GroupStanding {
    const last = this.standings.at(-1);
    if (last === undefined) throw new Error('nothing was told yet');
    return last.standing;
  }
}

/** An applier that has applied this, has it on disk, and whose effects count from now. */
export async function startApplied(servers: readonly Server[]): Promise<Loops> {
  const loops = await new Loops().startApplier();
  loops.applier.submit(target(servers));
  await loops.clock.advance(1000);
  assert.equal(loops.standing.isSettled, true);
  loops.admin.effects.length = 0;
  loops.store.writes = 0;
  return loops;
}
