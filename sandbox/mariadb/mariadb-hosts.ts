import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { InstanceHosts, Replication } from '../cloudsql/instance-hosts.ts';
import type { Session } from '../cloudsql/mysql-answers.ts';
import type { MysqlHostsOptions } from '../cloudsql/mysql-hosts.ts';
import { createSelfSigned } from '../cloudsql/self-signed.ts';
import { findMariadb, installMariadb, type MariadbPrograms, MariadbServer } from './mariadb-server.ts';

export type MariadbHostsOptions = MysqlHostsOptions & {
  readonly programs: MariadbPrograms;
  /** No more servers than this at a time: each takes some 60 MB. */
  readonly serversMax: number;
};

/** The emulator's `hosts` with MariaDB servers. @throws {Error} when MariaDB is not installed. */
export function mariadbHosts(serversMax = 12): (options: MysqlHostsOptions) => MariadbHosts {
  const programs = findMariadb();
  if (programs === null) throw new Error('install mariadb-server: its mariadbd and mariadb-install-db are not found');
  return (options) => new MariadbHosts({ ...options, programs, serversMax });
}

type Host = { readonly server: MariadbServer; replication: string; work: Promise<void> };

/** What every account may do: read, write where the server is writable, and look. Nobody gets past `read_only`. */
const privileges =
  'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, PROCESS, REPLICATION CLIENT, SLAVE MONITOR';
const replicationUser = 'cloudsqlreplica';
const addressesMax = 250 * 250;
const oneDayMs = 86_400_000;
const threeYearsMs = 1000 * oneDayMs;

/**
 * Real MariaDB servers behind the instances, replicating by GTID from the beginning of their primary's binary log. What
 * Cloud SQL does to an instance's settings does not reach them; an instance that is stopped goes on answering. A lag of
 * so many seconds lets nothing be applied until it is 0 again: it grows by itself once the primary writes.
 */
export class MariadbHosts implements InstanceHosts {
  readonly #options: MariadbHostsOptions;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'chester-mariadb-'));
  readonly #hosts = new Map<string, Host>();
  /** Being opened; they count. */
  readonly #opening = new Set<string>();
  readonly #replicationPassword = randomBytes(12).toString('hex');
  #template: Promise<string> | null = null;
  #drawn = 1;

  constructor(options: MariadbHostsOptions) {
    this.#options = options;
  }

  async open(name: string, wanted: string | null): Promise<string> {
    const { serversMax } = this.#options;
    if (this.#hosts.size + this.#opening.size >= serversMax) {
      throw new Error(`${serversMax} MariaDB servers are running, which is as many as this sandbox may have`);
    }
    this.#opening.add(name);
    try {
      const server = await this.#start(wanted);
      this.#hosts.set(name, { server, replication: '', work: Promise.resolve() });
      return server.address;
    } finally {
      this.#opening.delete(name);
    }
  }

  /** Makes a server replicate as the emulator has it now. What does not work at once is tried at the next call. */
  follow(name: string, replication: Replication | null): Promise<void> {
    const host = this.#hosts.get(name);
    const wanted = JSON.stringify(replication);
    if (host === undefined) return Promise.resolve();
    if (host.replication === wanted) return host.work;
    host.replication = wanted;
    host.work = host.work
      .then(() => this.#replicate(host.server, replication))
      .catch(() => {
        host.replication = '';
      });
    return host.work;
  }

  async close(name: string): Promise<void> {
    const host = this.#hosts.get(name);
    this.#hosts.delete(name);
    await host?.server.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.names().map((name) => this.close(name)));
    await this.#template?.catch(() => undefined);
    await rm(this.#folder, { recursive: true, force: true });
  }

  cutSessions(): void {
    // Sessions belong to the servers: they end with them.
  }

  names(): string[] {
    return [...this.#hosts.keys()];
  }

  /** Ask the server itself. */
  sessions(): Session[] {
    return [];
  }

  /** The server behind an instance; null without one. */
  server(name: string): MariadbServer | null {
    return this.#hosts.get(name)?.server ?? null;
  }

  async #start(wanted: string | null): Promise<MariadbServer> {
    this.#template ??= this.#install();
    const template = await this.#template;
    const address = await this.#freeAddress(wanted);
    const folder = path.join(this.#folder, address);
    await mkdir(folder, { recursive: true });
    const tls = await writeCertificate(folder);
    const serverId = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    const { programs, port } = this.#options;
    return MariadbServer.start({ programs, folder, address, port, serverId, tls }, template);
  }

  async #install(): Promise<string> {
    const template = path.join(this.#folder, 'template');
    await installMariadb(this.#options.programs, template);
    return template;
  }

  async #replicate(server: MariadbServer, replication: Replication | null): Promise<void> {
    server.release();
    if (replication === null) {
      await server.run('STOP SLAVE', 'RESET SLAVE ALL', ...this.#accounts(), 'SET GLOBAL read_only = 0');
      return;
    }
    const { primaryAddress, lagSeconds } = replication;
    const from = `MASTER_HOST = '${primaryAddress}', MASTER_PORT = ${this.#options.port}`;
    const as = `MASTER_USER = '${replicationUser}', MASTER_PASSWORD = '${this.#replicationPassword}'`;
    const how = `MASTER_USE_GTID = current_pos, MASTER_CONNECT_RETRY = 1`;
    await server.run('SET GLOBAL read_only = 1', 'STOP SLAVE', `CHANGE MASTER TO ${from}, ${as}, ${how}`);
    await server.run(lagSeconds === null ? 'START SLAVE IO_THREAD' : 'START SLAVE');
    // MASTER_DELAY would be the word for it, but shows as no lag at all on an idle server.
    if (lagSeconds !== null && lagSeconds > 0) await server.hold('FLUSH TABLES WITH READ LOCK');
  }

  /** Made on primaries; replicas get them as they get everything. */
  #accounts(): string[] {
    // MariaDB keeps one password a user: of several that count it is the newest.
    const users = Object.entries(this.#options.users).flatMap(([user, passwords]) => [
      `CREATE USER IF NOT EXISTS '${user}'@'%' IDENTIFIED BY '${[passwords].flat().at(-1) ?? ''}'`,
      `GRANT ${privileges} ON *.* TO '${user}'@'%'`,
    ]);
    const replica = `'${replicationUser}'@'%'`;
    return [
      ...users,
      `CREATE USER IF NOT EXISTS ${replica} IDENTIFIED BY '${this.#replicationPassword}'`,
      `GRANT REPLICATION SLAVE ON *.* TO ${replica}`,
    ];
  }

  /** `wanted`, or the next address whose port is free. @throws {Error} when there is none. */
  async #freeAddress(wanted: string | null): Promise<string> {
    const { port, addressPrefix } = this.#options;
    if (wanted !== null && (await isFree(wanted, port))) return wanted;
    while (this.#drawn < addressesMax) {
      this.#drawn += 1;
      const address = `${addressPrefix}.${Math.floor(this.#drawn / 250)}.${(this.#drawn % 250) + 1}`;
      if (await isFree(address, port)) return address;
    }
    throw new Error(`port ${port} is taken on every address below ${addressPrefix}`);
  }
}

/** Only Linux has all of 127.x.y.z; elsewhere no address is free. */
function isFree(address: string, port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, address, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

async function writeCertificate(folder: string): Promise<{ certificateFile: string; keyFile: string }> {
  const nowMs = Date.now();
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(7)]);
  const times = { fromMs: nowMs - oneDayMs, untilMs: nowMs + threeYearsMs };
  const made = createSelfSigned({ commonName: 'MariaDB of the sandbox', serial, ...times });
  const [certificateFile, keyFile] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
  await writeFile(certificateFile, made.certificatePem);
  await writeFile(keyFile, made.keyPem, { mode: 0o600 });
  return { certificateFile, keyFile };
}
