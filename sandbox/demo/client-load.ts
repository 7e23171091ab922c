import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import type { ProxyPod } from './world.ts';

const clientsPerProxy = 4;
const betweenQueriesMs = 5;
const deadlineMs = 15_000;

/** What the clients saw. */
export type LoadCount = { readonly queries: number; readonly failed: number; readonly firstError: string };

/**
 * Readers that query through real proxies while replicas come and go. Only a real ProxySQL takes clients; each client
 * waits a little between two queries, so that the load stays small.
 */
export class ClientLoad {
  readonly #pods: readonly ProxyPod[];
  readonly #user = { name: 'app', hostgroup: 10 };
  #queries = 0;
  #failed = 0;
  #firstError = '';
  #isStopping = false;
  #running: Promise<void>[] = [];

  constructor(pods: readonly ProxyPod[]) {
    this.#pods = pods;
  }

  get count(): LoadCount {
    return { queries: this.#queries, failed: this.#failed, firstError: this.#firstError };
  }

  /** Lets the readers' user into every proxy, then starts them. */
  async start(): Promise<void> {
    const { name, hostgroup } = this.#user;
    const user = `INSERT INTO mysql_users (username, password, default_hostgroup) VALUES ('${name}', '${name}', ${hostgroup})`;
    for (const { eye } of this.#pods) {
      await eye.execute(user);
      await eye.execute('LOAD MYSQL USERS TO RUNTIME');
    }
    this.#running = this.#pods.flatMap((pod) => Array.from({ length: clientsPerProxy }, () => this.#read(pod)));
  }

  /** Ends the readers and waits for them. */
  async stop(): Promise<LoadCount> {
    this.#isStopping = true;
    await Promise.all(this.#running);
    return this.count;
  }

  async #read(pod: ProxyPod): Promise<void> {
    let connection: Connection | null = null;
    while (!this.#isStopping) {
      try {
        connection ??= await this.#connect(pod);
        await connection.query({ sql: 'SELECT 1', timeout: deadlineMs });
        this.#queries += 1;
      } catch (error) {
        this.#failed += 1;
        if (this.#firstError === '') this.#firstError = error instanceof Error ? error.message : 'unknown';
        connection?.destroy();
        connection = null;
      }
      await pause(betweenQueriesMs);
    }
    connection?.destroy();
  }

  #connect(pod: ProxyPod): Promise<Connection> {
    const [host = '', port = ''] = (pod.clientAddress ?? '').split(':');
    const { name } = this.#user;
    return createConnection({ host, port: Number(port), user: name, password: name, connectTimeout: deadlineMs });
  }
}
