import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { sleep, systemClock } from '../../process/clock.ts';
import { killAtExit } from '../at-exit.ts';
import { createSelfSigned, type SelfSigned } from '../cloudsql/self-signed.ts';
import type { ConfiguredServer } from './config-layers.ts';

export type ProxySqlBinary = { readonly bin: string; readonly version: string };

export type RealProxySqlOptions = {
  readonly bin: string;
  readonly adminPort: number;
  readonly clientPort: number;
  /** Whether `mysql-monitor_enabled` is true; false when left out. */
  readonly monitor?: boolean;
  /** Servers of the configuration file. */
  readonly configuredServers?: readonly ConfiguredServer[];
  /** Further `mysql-` variables of the configuration file, without their prefix; texts are quoted here. */
  readonly mysqlVariables?: Readonly<Record<string, string | number | boolean>>;
};

const startDeadlineMs = 60_000;
const stopDeadlineMs = 5_000;
const pollMs = 20;

/**
 * Finds a real proxysql: the file that `PROXYSQL_BIN` names, else `proxysql` on the `PATH`. Null when there is none.
 *
 * @throws {Error} when `PROXYSQL_BIN` names something that cannot be run.
 */
export async function findProxySql(env: Readonly<Record<string, string | undefined>>): Promise<ProxySqlBinary | null> {
  const named = env['PROXYSQL_BIN'] ?? '';
  if (named !== '') return { bin: named, version: await readVersion(named) };
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const bin = folders.map((folder) => join(folder, 'proxysql')).find(isExecutable);
  return bin === undefined ? null : { bin, version: await readVersion(bin) };
}

/** Starts a real proxysql on a data folder of its own and waits until its admin port answers. */
export async function startRealProxySql(options: RealProxySqlOptions): Promise<RealProxySql> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'chester-proxysql-'));
  const proxysql = new RealProxySql(options, dataFolder);
  try {
    await writeFile(join(dataFolder, 'proxysql.cnf'), renderConfig(options, dataFolder));
    await writeKeys(dataFolder);
    await proxysql.start();
    return proxysql;
  } catch (error) {
    await proxysql.close();
    throw error;
  }
}

/** A proxysql process with admin accounts admin/admin and radmin/radmin. */
class RealProxySql {
  readonly dataFolder: string;
  readonly #options: RealProxySqlOptions;
  #child: ChildProcess | null = null;
  #log = '';

  constructor(options: RealProxySqlOptions, dataFolder: string) {
    this.#options = options;
    this.dataFolder = dataFolder;
  }

  /** The admin interface as `host:port`. */
  get address(): string {
    return `127.0.0.1:${this.#options.adminPort}`;
  }

  /** The process id, or null while it does not run. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** @throws {Error} with the end of its log when it ends or does not answer in time. */
  async start(): Promise<void> {
    const configFile = join(this.dataFolder, 'proxysql.cnf');
    const child = spawn(this.#options.bin, ['-f', '-c', configFile, '-D', this.dataFolder, '--no-version-check'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    killAtExit(child);
    child.stderr.on('data', (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString()).slice(-4000);
    });
    child.on('error', (error) => {
      this.#log += error.message;
    });
    const deadlineMs = systemClock.monotonicMs() + startDeadlineMs;
    while (!(await answers(this.#options.adminPort))) {
      const hasEnded = child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
      if (hasEnded || systemClock.monotonicMs() > deadlineMs) {
        throw new Error(`proxysql did not start: ${this.#log}`);
      }
      await sleep(systemClock, pollMs);
    }
  }

  /** Kills it with SIGKILL and starts it again on the same data folder. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Kills it with SIGKILL; `start` starts it again on the same data folder. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends the process and deletes its data folder. */
  async close(): Promise<void> {
    await this.#end('SIGTERM');
    await rm(this.dataFolder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) =>
      child.once('exit', () => {
        resolve();
      }),
    );
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
    await ended;
    clearTimeout(late);
  }
}

let ownKeys: SelfSigned | null = null;

/** Without these three files it makes RSA keys when it starts, which takes seconds of a busy machine, or minutes. */
async function writeKeys(dataFolder: string): Promise<void> {
  const nowMs = systemClock.nowMs();
  const dayMs = 86_400_000;
  const validity = { fromMs: nowMs - dayMs, untilMs: nowMs + 30 * dayMs };
  ownKeys ??= createSelfSigned({ commonName: 'ProxySQL', serial: Buffer.from([1]), ...validity });
  const { certificatePem, keyPem } = ownKeys;
  const texts = { 'proxysql-ca.pem': certificatePem, 'proxysql-cert.pem': certificatePem, 'proxysql-key.pem': keyPem };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(dataFolder, name), text, { mode: 0o600 });
}

/** "ProxySQL version 2.7.1-px, codename Truls" becomes "2.7.1-px". */
async function readVersion(bin: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(bin, ['--version']);
  return /version (\S+?),/.exec(stdout + stderr)?.[1] ?? 'unknown';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether something listens on the port and greets. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const finish = (isUp: boolean): void => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once('data', () => {
      finish(true);
    });
    socket.once('error', () => {
      finish(false);
    });
    socket.once('close', () => {
      finish(false);
    });
  });
}

function renderConfig(options: RealProxySqlOptions, dataFolder: string): string {
  const mysqlVariables = {
    threads: 2,
    interfaces: `127.0.0.1:${options.clientPort}`,
    server_version: '8.0.11',
    monitor_enabled: options.monitor ?? false,
    ...options.mysqlVariables,
  };
  const servers = (options.configuredServers ?? []).map(
    ({ hostgroup, hostname, port }) => `{ address="${hostname}" , port=${port} , hostgroup=${hostgroup} }`,
  );
  return [
    `datadir="${dataFolder}"`,
    'admin_variables=',
    '{',
    '  admin_credentials="admin:admin;radmin:radmin"',
    `  mysql_ifaces="127.0.0.1:${options.adminPort}"`,
    '}',
    'mysql_variables=',
    '{',
    ...Object.entries(mysqlVariables).map(([name, value]) => `  ${name}=${JSON.stringify(value)}`),
    '}',
    `mysql_servers=( ${servers.join(' , ')} )`,
    '',
  ].join('\n');
}
