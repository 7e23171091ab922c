import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'node:test';
import type { AgentConfig } from '../../../agent/config.ts';
import { type Agent, createAgent } from '../../../agent/main.ts';
import { Lifecycle } from '../../../process/lifecycle.ts';
import { createLogger } from '../../../process/log.ts';
import type { Update } from '../../../proto/gen/chester/v1/Update.ts';
import { type ProxySqlEmulator, startProxySqlEmulator } from '../../../sandbox/proxysql/emulator.ts';
import { AdminClient } from './admin-client.ts';
import { type AgentCall, TestCoordinator } from './coordinator.ts';
import { ack } from './updates.ts';

const log = createLogger('agent', 'silent');

/** A real agent between an emulated ProxySQL and a coordinator that says what the test says. */
class World {
  emulator!: ProxySqlEmulator;
  coordinator!: TestCoordinator;
  /** Somebody else on the admin port. */
  person!: AdminClient;
  stateDir = '';
  #coordinatorPort = 0;
  #agent: Agent | null = null;
  #running: Lifecycle | null = null;

  async open(): Promise<void> {
    this.stateDir = await mkdtemp(path.join(tmpdir(), 'chester-agent-'));
    this.emulator = await startProxySqlEmulator({ port: 0, loadCost: 'none' });
    this.coordinator = new TestCoordinator();
    this.#coordinatorPort = await this.coordinator.start();
    this.person = await AdminClient.connect(this.emulator.port);
  }

  async close(): Promise<void> {
    await this.stopAgent();
    this.person.close();
    this.coordinator.stop();
    await this.emulator.close();
    await rm(this.stateDir, { recursive: true, force: true });
  }

  async startAgent(more: Partial<AgentConfig> = {}): Promise<void> {
    const config: AgentConfig = {
      coordinatorAddress: `127.0.0.1:${this.#coordinatorPort}`,
      coordinatorSecurity: { tls: null, tokenFile: null },
      identity: { agentId: 'proxy-0', cell: 'default', fleet: 'shop', podUid: 'uid-0' },
      admin: { host: '127.0.0.1', port: this.emulator.port, user: 'admin', password: 'admin', deadlineMs: 20_000 },
      http: { host: '127.0.0.1', port: 0 },
      drain: { token: null, endpointsMs: 0, deadlineMs: 60_000, onStop: false },
      tls: { folder: path.join(this.stateDir, 'tls'), group: null },
      stateDir: this.stateDir,
      lastKnownGoodMaxAgeMs: 86_400_000,
      foreignGraceMs: 60_000,
      loadIntervalMs: 0,
      saveToDisk: false,
      isShadow: false,
      driftIntervalMs: 3_600_000,
      stopDeadlineMs: 5000,
      logLevel: 'silent',
      ...more,
    };
    this.#agent = createAgent(config, log);
    this.#running = new Lifecycle(this.#agent.components, { log, stopDeadlineMs: 5000 });
    await this.#running.start();
  }

  /** A second agent on the same ProxySQL; its probes answer at the returned port. */
  async startAnother(agentId: string): Promise<{ readonly lifecycle: Lifecycle; readonly port: number }> {
    const [agent, running] = [this.#agent, this.#running];
    await this.startAgent({
      identity: { agentId, cell: 'default', fleet: 'shop', podUid: 'uid-1' },
      stateDir: path.join(this.stateDir, agentId),
    });
    const another = { lifecycle: this.#running as unknown as Lifecycle, port: this.httpPort };
    [this.#agent, this.#running] = [agent, running];
    return another;
  }

  async stopAgent(): Promise<void> {
    await this.#running?.stop();
    this.#running = null;
  }

  async welcome(index = 0, epoch = 1): Promise<AgentCall> {
    const call = await this.coordinator.call(index);
    await call.next((message) => message.hello);
    call.send({ welcome: { coordinatorId: 'c', epoch, reportIntervalMs: 3_600_000, applyDeadlineMs: 5000 } });
    return call;
  }

  /** Starts an agent that has applied this and says so. */
  async startWith(update: Update, more: Partial<AgentConfig> = {}): Promise<AgentCall> {
    await this.startAgent(more);
    const call = await this.welcome();
    call.send({ update });
    call.send({ syncDone: {} });
    await call.next(ack(update.nonce ?? ''));
    return call;
  }

  /** How often anybody loaded the servers. */
  async loads(): Promise<number> {
    const rows = await this.person.run("SELECT version FROM runtime_checksums_values WHERE name = 'mysql_servers_v2'");
    return Number(rows[0]?.[0]);
  }

  get httpPort(): number {
    return this.#agent?.httpPort() ?? 0;
  }

  /** What the probe for readiness answers; 0: nothing, as when a connection that was kept ends just as it is used again. */
  async ready(): Promise<number> {
    const answer = await fetch(`http://127.0.0.1:${this.httpPort}/healthz/ready`).catch(() => null);
    return answer?.status ?? 0;
  }
}

/** A world that is new for every test of the suite. */
export function useWorld(): World {
  const world = new World();
  beforeEach(() => world.open());
  afterEach(() => world.close());
  return world;
}

/** Polls the outside world; nothing tells a test that a probe's answer changed. */
export async function waitFor(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 10));
}
