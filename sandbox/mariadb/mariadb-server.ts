import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { killAtExit } from '../at-exit.ts';

/** Where the programs are; `install` makes an empty data folder. */
export type MariadbPrograms = { readonly server: string; readonly install: string };

export type MariadbServerOptions = {
  readonly programs: MariadbPrograms;
  /** A folder of its own; its data is in there, and it is deleted at the end. */
  readonly folder: string;
  readonly address: string;
  readonly port: number;
  readonly serverId: number;
  /** Files of a certificate and its key; without them the server speaks no TLS. */
  readonly tls: { readonly certificateFile: string; readonly keyFile: string } | null;
};

const startDeadlineMs = 60_000;
const queryDeadlineMs = 10_000;

/** As small as MariaDB gets: some 60 MB of memory each. The data folder is made with the same sizes. */
const sizes = ['--innodb-log-file-size=4M', '--innodb-data-file-path=ibdata1:4M:autoextend'];
const small = [
  ...['--innodb-buffer-pool-size=8M', '--aria-pagecache-buffer-size=1M', '--key-buffer-size=1M'],
  ...['--performance-schema=OFF', '--table-open-cache=100', '--max-connections=200'],
];
/** Nothing here has to survive a crash of the machine. */
const careless = ['--innodb-flush-log-at-trx-commit=0', '--innodb-flush-method=nosync', '--sync-binlog=0'];
/** Every server may become a primary, so that all keep the whole history, by GTID. */
const replicating = ['--log-bin=binlog', '--log-slave-updates', '--binlog-format=ROW', '--slave-net-timeout=10'];

/** Finds MariaDB's server, which Debian keeps beside the commands of administrators; null when there is none. */
export function findMariadb(): MariadbPrograms | null {
  const server = firstThatRuns(['mariadbd', '/usr/sbin/mariadbd']);
  const install = firstThatRuns(['mariadb-install-db', '/usr/bin/mariadb-install-db'], '--help');
  return server === null || install === null ? null : { server, install };
}

function firstThatRuns(candidates: readonly string[], flag = '--version'): string | null {
  return candidates.find((program) => spawnSync(program, [flag], { stdio: 'ignore' }).error === undefined) ?? null;
}

/** Makes an empty data folder that servers begin with as a copy. @throws {Error} when that fails. */
export async function installMariadb({ install }: MariadbPrograms, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const options = [
    '--no-defaults',
    `--datadir=${folder}`,
    '--skip-test-db',
    '--auth-root-authentication-method=normal',
  ];
  const child = spawn(install, [...options, ...asRoot(), ...sizes], { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${install} ended with ${code ?? 'a signal'}`);
}

/** A MariaDB process on an address of its own. It is ended by its pid and leaves nothing behind. */
export class MariadbServer {
  readonly address: string;
  readonly #options: MariadbServerOptions;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #held: Connection | null = null;

  private constructor(options: MariadbServerOptions) {
    const { programs, folder, address, port, serverId, tls } = options;
    this.address = address;
    this.#options = options;
    const place = [`--datadir=${path.join(folder, 'data')}`, `--socket=${socketOf(folder)}`, `--port=${port}`];
    const who = [`--bind-address=${address}`, `--server-id=${serverId}`, '--skip-name-resolve', ...asRoot()];
    const log = [`--log-error=${logOf(folder)}`, `--pid-file=${path.join(folder, 'pid')}`];
    const encryption = tls === null ? [] : [`--ssl-cert=${tls.certificateFile}`, `--ssl-key=${tls.keyFile}`];
    const options_ = ['--no-defaults', ...place, ...who, ...log, ...encryption, ...sizes, ...small, ...careless];
    this.#process = spawn(programs.server, [...options_, ...replicating], { stdio: 'ignore' });
    this.#ended = once(this.#process, 'exit');
    killAtExit(this.#process);
  }

  /** Starts a server on a copy of `template`, and waits until it answers. @throws {Error} with the end of its log. */
  static async start(options: MariadbServerOptions, template: string): Promise<MariadbServer> {
    const data = path.join(options.folder, 'data');
    if (!existsSync(data)) await cp(template, data, { recursive: true });
    const server = new MariadbServer(options);
    try {
      await server.#awaitAnswer();
      return server;
    } catch (error) {
      const log = tailOf(logOf(options.folder));
      await server.close();
      throw new Error(`MariaDB on ${options.address}:${options.port} did not start: ${log}`, { cause: error });
    }
  }

  /** Runs statements one after the other, as the administrator. Returns the rows of the last. */
  async run(...statements: readonly string[]): Promise<RowDataPacket[]> {
    const connection = await this.#connect();
    try {
      let rows: RowDataPacket[] = [];
      for (const sql of statements) {
        const [result] = await connection.query<RowDataPacket[]>({ sql, timeout: queryDeadlineMs });
        rows = result;
      }
      return rows;
    } finally {
      connection.destroy();
    }
  }

  /** Runs a statement in a session that stays, so that its locks do, until `release`. */
  async hold(sql: string): Promise<void> {
    this.release();
    this.#held = await this.#connect();
    this.#held.on('error', () => undefined);
    await this.#held.query({ sql, timeout: queryDeadlineMs });
  }

  release(): void {
    this.#held?.destroy();
    this.#held = null;
  }

  /** Ends the process and deletes its data. Can be called twice. */
  async close(): Promise<void> {
    this.release();
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL');
      await this.#ended;
    }
    await rm(this.#options.folder, { recursive: true, force: true });
  }

  async #awaitAnswer(): Promise<void> {
    const endMs = performance.now() + startDeadlineMs;
    for (;;) {
      if (this.#process.exitCode !== null) throw new Error(`it ended with ${this.#process.exitCode}`);
      try {
        await this.run('SELECT 1');
        return;
      } catch (error) {
        if (performance.now() > endMs) throw error;
      }
      await pause(50);
    }
  }

  #connect(): Promise<Connection> {
    return createConnection({ socketPath: socketOf(this.#options.folder), user: 'root', connectTimeout: 2000 });
  }
}

function asRoot(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

function socketOf(folder: string): string {
  return path.join(folder, 'mysql.sock');
}

function logOf(folder: string): string {
  return path.join(folder, 'error.log');
}

function tailOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').slice(-500) : 'no log';
}
