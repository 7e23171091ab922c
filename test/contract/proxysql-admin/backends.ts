import { systemClock } from '../../../process/clock.ts';
import type { ServerView } from '../../../sandbox/cloudsql/mysql-answers.ts';
import { MysqlHosts } from '../../../sandbox/cloudsql/mysql-hosts.ts';
import { freePort } from './targets.ts';

/** What a server says of itself. */
type ServerState = { readonly isReplica: boolean; readonly lagSeconds: number | null };

export type Backend = { readonly hostname: string; readonly port: number };

/** MySQL servers on 127.65.x.y that let `monitor` and `app` in, each with its name as password. */
export class Backends {
  /** Names and passwords; several are good after `RETAIN CURRENT PASSWORD`. */
  readonly users: Record<string, string | readonly string[]> = { monitor: 'monitor', app: 'app' };
  readonly #hosts: MysqlHosts;
  readonly #port: number;
  readonly #states = new Map<string, ServerState>();

  private constructor(port: number) {
    this.#port = port;
    const view = (name: string): ServerView | null => this.#view(name);
    this.#hosts = new MysqlHosts({ clock: systemClock, view }, { port, addressPrefix: '127.65', users: this.users });
  }

  static async create(): Promise<Backends> {
    return new Backends(await freePort());
  }

  /** Starts a server; `at` is where it was before. */
  async start(name: string, state: Partial<ServerState> = {}, at: Backend | null = null): Promise<Backend> {
    this.#states.set(name, { isReplica: true, lagSeconds: 0, ...state });
    return { hostname: await this.#hosts.open(name, at?.hostname ?? null), port: this.#port };
  }

  set(name: string, state: ServerState): void {
    this.#states.set(name, state);
  }

  /** Refuses connections and cuts those that there are. */
  stop(name: string): Promise<void> {
    return this.#hosts.close(name);
  }

  close(): Promise<void> {
    return this.#hosts.closeAll();
  }

  #view(name: string): ServerView | null {
    const state = this.#states.get(name);
    if (state === undefined) return null;
    const constant = { databaseVersion: 'MYSQL_8_0', primaryAddress: null, serverId: 1, sessions: [] } as const;
    return { name, ...constant, ...state, port: this.#port, nowMs: systemClock.nowMs() };
  }
}
