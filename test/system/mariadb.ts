import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { freePort } from '../contract/proxysql-admin/targets.ts';

const startDeadlineMs = 30_000;

/** Finds a MariaDB server, which Debian keeps beside the commands of administrators; null when there is none. */
export function findMariadbd(): string | null {
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
  return spawnSync('mariadbd', ['--version'], { env, stdio: 'ignore' }).status === 0 ? 'mariadbd' : null;
}

/** A MariaDB server on 127.0.0.1 with an empty data folder of its own. It lets everybody in, with every right. */
export class Mariadb {
  readonly port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
    const options = [
      ...['--no-defaults', `--datadir=${folder}`, `--socket=${folder}/mysql.sock`, `--port=${port}`],
      ...['--bind-address=127.0.0.1', '--skip-grant-tables', '--skip-log-bin', '--innodb-buffer-pool-size=16M'],
      ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    ];
    const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
    this.#process = spawn('mariadbd', options, { env, stdio: 'ignore' });
    this.#ended = once(this.#process, 'exit');
  }

  /** Starts a server and runs statements on it. @throws {Error} when it does not answer in time. */
  static async start(statements: readonly string[]): Promise<Mariadb> {
    const server = new Mariadb(await freePort(), await mkdtemp(path.join(tmpdir(), 'chester-mariadb-')));
    try {
      const connection = await server.#connect();
      for (const sql of statements) await connection.query(sql);
      await connection.end();
      return server;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** Ends the process and deletes its data. */
  async close(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #connect(): Promise<Connection> {
    const endMs = performance.now() + startDeadlineMs;
    for (;;) {
      try {
        return await createConnection({ host: '127.0.0.1', port: this.port, user: 'root' });
      } catch (error) {
        if (performance.now() > endMs) throw error;
      }
      await pause(100);
    }
  }
}
