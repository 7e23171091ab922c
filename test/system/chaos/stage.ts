import { AdminClient } from '../../../sandbox/demo/admin-client.ts';
import { type Alert, postAlert } from '../../../sandbox/demo/alerts.ts';
import { Child } from '../../../sandbox/demo/child.ts';
import { declareGroup, groupName } from '../../../sandbox/demo/story.ts';
import { World } from '../../../sandbox/demo/world.ts';
import type { ProxySqlBinary } from '../../../sandbox/proxysql/real-proxysql.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { CallRelay } from './call-relay.ts';
import { FaultProxy } from './fault-proxy.ts';
import { RedisTrio } from './redis-trio.ts';

export const leaseTtlMs = 2000;
const handMade = ['orders-primary', 'orders-primary-static'];
const settleMs = 240_000;
const monitorVariables = {
  'mysql-monitor_ping_interval': '1000',
  'mysql-monitor_ping_timeout': '4000',
  'mysql-monitor_ping_max_failures': '5',
};

export type Name = 'first' | 'second';
type Network = { readonly proxy: FaultProxy; readonly address: string };
type Coordinator = { child: Child; readonly http: string; readonly grpc: string };

/** Two coordinators on Redis with Sentinels, and agents that reach them through a network that can fail. */
export class ChaosStage {
  readonly redis = new RedisTrio();
  readonly network: FaultProxy;
  readonly world: World;
  /** Of the first coordinator; Redis is not there yet when the world is made. */
  readonly #firstEnv: Record<string, string> = {};
  /** What all keys in Redis begin with. */
  readonly prefix = 'chester';
  #second: Coordinator | null = null;
  readonly #relays: Readonly<Record<Name, CallRelay>>;
  #secondCloudSql = '';
  #alerts = 0;

  private constructor(proxysql: ProxySqlBinary | null, agents: number, network: Network) {
    this.network = network.proxy;
    const cloudSql = () => this.world.cloudSql.url;
    this.#relays = { first: new CallRelay(cloudSql), second: new CallRelay(cloudSql) };
    this.world = new World({
      proxysql,
      proxies: agents,
      cloudSql: { createMs: 1500, deleteMs: 1000 },
      agentEnv: { COORDINATOR_ADDRESS: network.address },
      coordinatorEnv: this.#firstEnv,
    });
  }

  static async start(proxysql: ProxySqlBinary | null, agents: number): Promise<ChaosStage> {
    const targets: { of: () => readonly string[] } = { of: () => [] };
    const proxy = new FaultProxy(() => targets.of());
    const network = { proxy, address: await proxy.listen() };
    const stage = new ChaosStage(proxysql, agents, network);
    targets.of = () => [stage.addressOf('first'), stage.addressOf('second')].flatMap((one) => one?.grpc ?? []);
    try {
      await stage.#startAll(agents);
      return stage;
    } catch (error) {
      await stage.stop(true);
      throw error;
    }
  }

  async stop(keepLogs: boolean): Promise<void> {
    await this.network.close().catch(() => undefined);
    await this.#second?.child.stop();
    await this.world.stop({ keepLogs });
    await this.redis.stop();
    for (const relay of Object.values(this.#relays)) relay.close();
  }

  addressOf(name: Name): { readonly http: string; readonly grpc: string } | null {
    if (name === 'second') return this.#second;
    try {
      return this.world.coordinator;
    } catch {
      return null;
    }
  }

  async kill(name: Name): Promise<void> {
    if (name === 'first') await this.world.killCoordinator();
    else await this.#second?.child.kill();
  }

  signal(name: Name, signal: NodeJS.Signals): void {
    if (name === 'first') this.world.signalCoordinator(signal);
    else this.#second?.child.signal(signal);
  }

  async restart(name: Name): Promise<void> {
    if (name === 'first') await this.world.startCoordinator();
    else await this.#startSecond();
  }

  /** How often a coordinator has asked Cloud SQL for a change. */
  cloudChanges(name: Name): number {
    return this.#relays[name].changes;
  }

  /** Who says that it decides. */
  async holders(): Promise<readonly Name[]> {
    const names = ['first', 'second'] as const;
    const held = await Promise.all(names.map((name) => this.isHolder(name)));
    return names.filter((_, index) => held[index]);
  }

  /** Posts an alert to whoever takes it, as Cloud Monitoring does: again until somebody has. */
  async alert(alert: Pick<Alert, 'action' | 'state'>): Promise<void> {
    if (alert.state === 'open') this.#alerts += 1;
    const incident = { ...alert, incidentId: `0.chaos-${this.#alerts}`, group: groupName };
    for (;;) {
      for (const name of ['first', 'second'] as const) {
        const http = this.addressOf(name)?.http;
        if (http === undefined) continue;
        const isTaken = await postAlert(http, incident, Date.now()).then(
          () => true,
          () => false,
        );
        if (isTaken) return;
      }
      await pause(250);
    }
  }

  /** Replicas that Chester has made and that are there. */
  owned() {
    return this.world.cloudSql.instances().filter(({ name }) => !handMade.includes(name));
  }

  async #startAll(agents: number): Promise<void> {
    await this.redis.start();
    Object.assign(this.#firstEnv, this.#env('first', await this.#relays.first.listen()));
    this.#secondCloudSql = await this.#relays.second.listen();
    await this.world.start();
    await this.#startSecond();
    const client = new AdminClient(this.addressOf('first')?.grpc ?? '');
    const policy = { scaleOutCooldownSeconds: 1, scaleInCooldownSeconds: 1, replicasMin: 0, replicasMax: 1 };
    await declareGroup(this.world, client, policy);
    // A machine of two cores keeps a server of this very process waiting: what is slow is not dead yet.
    await client.putFleet(this.world.fleet, monitorVariables);
    client.close();
    const untilMs = performance.now() + settleMs;
    while (!(await this.#isServed(agents).catch(() => false))) {
      if (performance.now() > untilMs) throw new Error(`the proxies do not serve after ${settleMs / 1000} s`);
      await pause(200);
    }
  }

  async #isServed(agents: number): Promise<boolean> {
    const served = await Promise.all(this.world.pods.map(async ({ eye }) => (await eye.runtimeServers()).length >= 2));
    return served.length === agents && served.every(Boolean);
  }

  async #startSecond(): Promise<void> {
    const before = this.#second;
    const env = {
      ...this.#env('second', this.#secondCloudSql),
      HTTP_PORT: before === null ? '0' : portOf(before.http),
      GRPC_PORT: before === null ? '0' : portOf(before.grpc),
    };
    const child = Child.start({ args: ['coordinator'], env, logFile: this.world.logFile('second') });
    const { http = '', grpc = '' } = await child.ready();
    this.#second = { child, http, grpc };
  }

  #env(id: Name, cloudSql: string): Record<string, string> {
    return {
      ...{ CLOUDSQL_ROOT_URL: cloudSql, REDIS_PREFIX: this.prefix },
      ...{ POLL_INTERVAL_MS: '250', IDLE_INTERVAL_MS: '1000', SAMPLE_INTERVAL_MS: '200', REPORT_INTERVAL_MS: '1000' },
      ...{ STATE_FILE: '', REDIS_URL: this.redis.url, LEASE_TTL_MS: String(leaseTtlMs), COORDINATOR_ID: id },
      ...{ CHESTER_SECRET_GATE: 'gate' },
    };
  }

  /** Whether a coordinator says that it decides. */
  async isHolder(name: Name): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(1000);
      const answer = await fetch(`http://${this.addressOf(name)?.http ?? ''}/metrics`, { signal });
      return /^chester_lease_held 1$/m.test(await answer.text());
    } catch {
      return false;
    }
  }
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1);
}
