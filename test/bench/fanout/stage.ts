import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import type { CoordinatorMessage__Output } from '../../../proto/gen/chester/v1/CoordinatorMessage.ts';
import type { GroupSpec } from '../../../proto/gen/chester/v1/GroupSpec.ts';
import { loadChesterV1 } from '../../../proto/load.ts';
import { createSelfSigned } from '../../../sandbox/cloudsql/self-signed.ts';
import { AdminClient } from '../../../sandbox/demo/admin-client.ts';
import { EventWatcher } from '../../../sandbox/demo/watcher.ts';
import { World } from '../../../sandbox/demo/world.ts';
import { askProbe, type Probe } from './probe.ts';
import type { TlsFiles } from './swarm-messages.ts';

const program = fileURLToPath(new URL('./coordinator.js', import.meta.url));
const convergeDeadlineMs = 60_000;
const probeEveryMs = 250;

/** One change of a group, as the coordinator's event tells it: milliseconds. */
export type Change = {
  /** From the commit to the last APPLIED. */
  readonly totalMs: number;
  readonly mergedMs: number;
  readonly firstWaveMs: number;
  /** What is left: from the first write to the last answer, but for the first wave. */
  readonly fanoutMs: number;
  readonly blockedMs: number;
  readonly ownBlockedMs: number;
  readonly cpuMs: number;
};

/** What was seen of a coordinator while something went on. */
export type Watched = {
  readonly rssMaxBytes: number;
  readonly blockedMs: number;
  readonly ownBlockedMs: number;
  readonly cpuMs: number;
  readonly probesFailed: number;
  readonly probeMaxMs: number;
};

/** A coordinator as it runs in production, two fleets, and a group in each. */
export class Stage {
  readonly world: World;
  readonly #client: AdminClient;
  readonly #probePort: number;
  readonly #specs = new Map<string, GroupSpec>();
  readonly #watchers = new Map<string, EventWatcher>();
  /** Of the newest change that converged. */
  readonly #revisions = new Map<string, number>();
  readonly tls: TlsFiles | null;
  #round = 0;

  private constructor(world: World, tls: TlsFiles | null, probePort: number) {
    this.world = world;
    this.tls = tls;
    this.#probePort = probePort;
    this.#client =
      tls === null
        ? world.adminClient()
        : new AdminClient(world.coordinator.grpc, credentialsOf(tls), { ...targetOptions });
  }

  static async start(env: Readonly<Record<string, string>>, isTls: boolean): Promise<Stage> {
    const probePort = await freePort();
    const tls = isTls ? makeTls() : null;
    const { COORDINATOR_NODE_OPTIONS: nodeOptions = '' } = process.env;
    const coordinatorEnv: Record<string, string> = {
      ...{ POLL_INTERVAL_MS: '', IDLE_INTERVAL_MS: '', SAMPLE_INTERVAL_MS: '', REPORT_INTERVAL_MS: '' },
      ...{ PROBE_PORT: String(probePort), NODE_OPTIONS: nodeOptions },
      ...env,
    };
    const world = new World({ proxysql: null, proxies: 0, coordinatorProgram: program, coordinatorEnv });
    if (tls !== null) {
      for (const [name, text] of Object.entries(tls)) writeFileSync(path.join(world.folder, `${name}.pem`), text);
      coordinatorEnv['TLS_CERT_FILE'] = path.join(world.folder, 'cert.pem');
      coordinatorEnv['TLS_KEY_FILE'] = path.join(world.folder, 'key.pem');
      coordinatorEnv['TLS_CLIENT_CA_FILE'] = path.join(world.folder, 'ca.pem');
    }
    await world.start();
    const stage = new Stage(world, tls, probePort);
    await stage.#declare('orders', 'main', 5);
    await stage.#declare('billing', 'small', 50);
    return stage;
  }

  get port(): number {
    return Number(this.world.coordinator.grpc.split(':').at(-1));
  }

  async stop(): Promise<void> {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#client.close();
    await this.world.stop();
  }

  probe(question: 'probe' | 'collect' | 'rest' | 'watch' = 'probe'): Promise<Probe> {
    return askProbe(this.#probePort, question);
  }

  /** Changes a group and waits until all its agents run it. */
  async change(group: string): Promise<Change> {
    const watcher = this.#watchers.get(group);
    if (watcher === undefined) throw new Error(`no group ${group}`);
    this.#round += 1;
    const before = await this.probe();
    await askProbe(this.#probePort, `weigh ${group} ${100 + this.#round}`);
    const isIt = (event: { readonly kind: string; readonly subject: string }) =>
      event.kind === 'SNAPSHOT_CONVERGED' && Number(event.subject) > (this.#revisions.get(group) ?? 0);
    const { message, subject } = await watcher.next(`${group} converges`, isIt, convergeDeadlineMs);
    this.#revisions.set(group, Number(subject));
    const after = await this.probe();
    const read = (pattern: RegExp): number => Number(pattern.exec(message)?.[1] ?? 0);
    const totalMs = read(/([\d.]+) ms after commit/);
    const mergedMs = read(/merged ([\d.]+) ms/);
    const firstWaveMs = read(/first wave ([\d.]+) ms/);
    const cpuMs = (after.cpuMicros - before.cpuMicros) / 1000;
    return {
      ...{ totalMs, mergedMs, firstWaveMs, fanoutMs: totalMs - mergedMs - firstWaveMs },
      ...{ blockedMs: after.blockedMs, ownBlockedMs: after.ownBlockedMs, cpuMs },
    };
  }

  /** Makes a group's snapshot about as large as that of twenty servers with their certificates. */
  async enlarge(group: string): Promise<void> {
    const spec = this.#specs.get(group);
    if (spec === undefined) throw new Error(`no group ${group}`);
    const queryRules = Array.from({ length: 88 }, (_, index) => ({
      username: 'app',
      matchDigest: `^SELECT .* FROM orders_${index} WHERE ${'x'.repeat(120)}`,
      destination: 'reader',
      apply: true,
      comment: `rule ${index}`,
    }));
    await this.#client.putGroup({ ...spec, ruleIds: { first: 1000, last: 1999 }, queryRules });
    await this.change(group);
  }

  /** The bytes of a group's newest update, as agents get them. */
  async updateBytes(): Promise<Buffer> {
    const { AgentService } = loadChesterV1();
    const { grpc } = this.world.coordinator;
    const client = new AgentService(grpc, this.tls === null ? credentials.createInsecure() : credentialsOf(this.tls), {
      ...targetOptions,
    });
    const call = client.connect();
    const update = new Promise<CoordinatorMessage__Output>((resolve, reject) => {
      call.on('data', (message: CoordinatorMessage__Output) => {
        if (message.update) resolve(message);
      });
      call.on('error', reject);
    });
    const identity = { agentId: 'reader-of-bytes', bootId: 'b', cell: 'default', fleet: 'main', podUid: 'p' };
    call.write({ hello: { ...identity, proxysqlVersion: '2.7.3', proxyBoot: 'x', known: [], maxEpoch: 0 } });
    const message = await update;
    call.on('error', () => undefined);
    call.cancel();
    client.close();
    return AgentService.service.Connect.responseSerialize(message);
  }

  /** Looks at memory, the event loop and the HTTP probes while something goes on. */
  async watch<T>(work: Promise<T>): Promise<{ readonly result: T; readonly watched: Watched }> {
    const { cpuMicros } = await this.probe();
    const seen = { rssMaxBytes: 0, blockedMs: 0, ownBlockedMs: 0, cpuMs: 0, probesFailed: 0, probeMaxMs: 0 };
    const over = new AbortController();
    const looking = (async () => {
      do {
        const now = await this.probe();
        seen.rssMaxBytes = Math.max(seen.rssMaxBytes, now.rssBytes);
        seen.blockedMs = Math.max(seen.blockedMs, now.blockedMs);
        seen.ownBlockedMs = Math.max(seen.ownBlockedMs, now.ownBlockedMs);
        seen.cpuMs = (now.cpuMicros - cpuMicros) / 1000;
        const startedMs = performance.now();
        const isOk = await isLive(this.world.coordinator.http);
        seen.probeMaxMs = Math.max(seen.probeMaxMs, performance.now() - startedMs);
        if (!isOk) seen.probesFailed += 1;
        await pause(probeEveryMs);
      } while (!over.signal.aborted);
    })();
    try {
      return { result: await work, watched: seen };
    } finally {
      over.abort();
      await looking;
    }
  }

  async #declare(name: string, fleet: string, writerHostgroup: number): Promise<void> {
    await this.#client.putFleet(fleet);
    const staticReaders = Array.from({ length: 18 }, (_, index) => ({
      hostname: `10.9.${writerHostgroup}.${index + 1}`,
      port: 3306,
      weight: 100,
    }));
    const project = this.world.project;
    const hostgroups = { writerHostgroup, readerHostgroup: writerHostgroup + 1 };
    const gate = { username: 'gate', passwordSecret: 'gate' };
    const spec = { name, fleet, project, primary: 'orders-primary', ...hostgroups, staticReaders, gate };
    this.#specs.set(name, spec);
    await this.#client.putGroup(spec);
    this.#watchers.set(name, new EventWatcher(this.#client, name));
    const endMs = performance.now() + convergeDeadlineMs;
    while ((await this.#client.getGroup(name)).revision === 0) {
      if (performance.now() > endMs) throw new Error(`${name} is not published`);
      await pause(50);
    }
  }
}

const targetOptions = { 'grpc.ssl_target_name_override': 'bench' };

function credentialsOf({ ca, key, cert }: TlsFiles): ChannelCredentials {
  const verify = { checkServerIdentity: () => undefined };
  return credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(cert), verify);
}

async function isLive(http: string): Promise<boolean> {
  try {
    const answers = await Promise.all(
      ['live', 'ready'].map((probe) => fetch(`http://${http}/healthz/${probe}`, { signal: AbortSignal.timeout(1000) })),
    );
    return answers.every(({ ok }) => ok);
  } catch {
    return false;
  }
}

/** One certificate that vouches for itself: it is the authority, the server and all clients. */
function makeTls(): TlsFiles {
  const dayMs = 86_400_000;
  const { certificatePem, keyPem } = createSelfSigned({
    commonName: 'bench',
    serial: Buffer.from([1]),
    fromMs: Date.now() - dayMs,
    untilMs: Date.now() + dayMs,
  });
  return { ca: certificatePem, cert: certificatePem, key: keyPem };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}
