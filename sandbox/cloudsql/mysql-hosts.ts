import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../process/clock.ts';
import type { InstanceHosts } from './instance-hosts.ts';
import type { ServerView, Session } from './mysql-answers.ts';
import { MysqlSession, type MysqlUsers } from './mysql-session.ts';

export type MysqlHostsOptions = {
  readonly port: number;
  /** The first two numbers of every address: `127.20`. */
  readonly addressPrefix: string;
  readonly users: MysqlUsers;
};

export type MysqlHostsDeps = {
  readonly clock: Clock;
  /** What the instance is now; null while its MySQL does not answer. */
  view(name: string, sessions: readonly Session[]): ServerView | null;
};

type Host = { readonly address: string; readonly server: Server; readonly sessions: Set<MysqlSession> };

/** When this many addresses in a row are taken, the port is taken on all of them. */
const attemptsMax = 4096;

/** Servers that only pretend to be MySQL: one address each, all on one port. */
export class MysqlHosts implements InstanceHosts {
  readonly #deps: MysqlHostsDeps;
  readonly #options: MysqlHostsOptions;
  readonly #hosts = new Map<string, Host>();
  #nextAddress = 2;
  #nextSessionId = 10;

  constructor(deps: MysqlHostsDeps, options: MysqlHostsOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /**
   * Listens for an instance: on `wanted` when it is free, else on the next free address. Addresses are not used again
   * by this emulator, so that a stale client of a deleted instance meets nobody.
   *
   * @throws {Error} when no address can be had.
   */
  async open(name: string, wanted: string | null): Promise<string> {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const address = attempt === 0 && wanted !== null ? wanted : this.#drawAddress();
      const server = await this.#listen(name, address);
      if (server === null) continue;
      this.#hosts.set(name, { address, server, sessions: new Set() });
      return address;
    }
    throw new Error(`port ${this.#options.port} is taken on every address tried below ${this.#options.addressPrefix}`);
  }

  /** Stops answering for an instance and cuts its sessions. */
  async close(name: string): Promise<void> {
    const host = this.#hosts.get(name);
    if (host === undefined) return;
    this.#hosts.delete(name);
    await new Promise<void>((resolve) => {
      host.server.close(() => {
        resolve();
      });
      for (const session of host.sessions) session.cut();
    });
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.names().map((name) => this.close(name)));
  }

  /** Cuts an instance's sessions; new ones come in when it answers. */
  cutSessions(name: string): void {
    for (const session of this.#hosts.get(name)?.sessions ?? []) session.cut();
  }

  names(): string[] {
    return [...this.#hosts.keys()];
  }

  /** The clients that are logged in. */
  sessions(name: string): Session[] {
    const sessions = [...(this.#hosts.get(name)?.sessions ?? [])];
    return sessions.map((session) => session.session()).filter((session) => session !== null);
  }

  /** Null when the address is taken. @throws {Error} for any other problem. */
  #listen(name: string, address: string): Promise<Server | null> {
    const server = createServer((socket) => {
      this.#accept(name, socket);
    });
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE') resolve(null);
        else reject(error);
      });
      server.listen(this.#options.port, address, () => {
        resolve(server);
      });
    });
  }

  #accept(name: string, socket: Socket): void {
    const host = this.#hosts.get(name);
    if (host === undefined || this.#deps.view(name, []) === null) {
      socket.on('error', () => socket.destroy());
      socket.destroy();
      return;
    }
    const view = (): ServerView => {
      const now = this.#deps.view(name, this.sessions(name));
      if (now === null) throw new Error('the instance does not answer');
      return now;
    };
    const deps = { clock: this.#deps.clock, users: this.#options.users, view };
    const session = new MysqlSession(deps, socket, this.#nextSessionId);
    this.#nextSessionId += 1;
    host.sessions.add(session);
    socket.once('close', () => host.sessions.delete(session));
  }

  #drawAddress(): string {
    const drawn = this.#nextAddress;
    this.#nextAddress = drawn % 250 === 249 ? drawn + 3 : drawn + 1;
    return `${this.#options.addressPrefix}.${Math.floor(drawn / 250) % 250}.${drawn % 250}`;
  }
}
