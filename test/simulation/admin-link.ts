import { AgentError } from '../../agent/errors.ts';
import type { ModuleAdmin, ProxyAdmin } from '../../agent/ports.ts';
import type { SimProcess } from './sim-process.ts';
import type { SimProxy } from './sim-proxy.ts';

export type AdminWorld = {
  readonly process: SimProcess;
  readonly proxy: SimProxy;
  readonly modules: ModuleAdmin;
  readonly bootId: string;
  /** Called around every call that may change the proxy. */
  readonly acting: <T>(name: string, act: () => Promise<T>) => Promise<T>;
};

type Method = (...args: unknown[]) => Promise<unknown>;

const lookNames: ReadonlySet<string> = new Set(['readState', 'createSentinel']);
const serverWrites: ReadonlySet<string> = new Set([
  'replaceServers',
  'deleteServers',
  'deleteDiskServers',
  'publishServers',
]);
const moduleWrites: ReadonlySet<string> = new Set(['replaceRows', 'deleteRows', 'writeVariables']);

const lost = (): AgentError => new AgentError('ADMIN_CONNECTION_LOST', 'connection lost');

/**
 * The admin interface as one agent reaches it: over one connection after another, each of which writes only once it has
 * looked, and only until the next one has, as the sentinel has it in the real one. A statement that was given up is
 * carried out whenever the seed says.
 */
export class AdminLink {
  readonly admin: ProxyAdmin;
  readonly modules: ModuleAdmin;
  readonly #world: AdminWorld;
  #connection = 1;
  #isFenced = false;

  constructor(world: AdminWorld) {
    this.#world = world;
    this.admin = wrap((name) => this.#adminCall(name)) as ProxyAdmin;
    this.modules = wrap((name) => this.#modulesCall(name)) as ModuleAdmin;
  }

  #adminCall(name: string): unknown {
    const { process, proxy, acting } = this.#world;
    if (name === 'close') return () => Promise.resolve();
    if (name === 'onConnectionLost') {
      return (listener: () => void) => {
        proxy.lost = () => {
          process.run(listener);
        };
      };
    }
    const method = methodOf(proxy, name);
    return (...args: unknown[]) =>
      this.#call(`admin.${name}`, serverWrites.has(name), (connection) =>
        acting(name, () => this.#act(name, connection, () => method.apply(proxy, args))),
      );
  }

  #modulesCall(name: string): unknown {
    const { proxy, modules } = this.#world;
    const method = methodOf(modules, name);
    const isWrite = moduleWrites.has(name);
    return (...args: unknown[]) =>
      this.#call(`modules.${name}`, isWrite, async (connection) => {
        if (proxy.isDown) throw lost();
        if (!isWrite || this.#mayWrite(connection)) return method.apply(modules, args);
        this.#writeNothing();
        return undefined;
      });
  }

  /** What a statement does when the proxy comes to it. */
  async #act(name: string, connection: number, act: () => Promise<unknown>): Promise<unknown> {
    const { proxy, bootId } = this.#world;
    if (serverWrites.has(name) && !proxy.isDown && !this.#mayWrite(connection)) {
      // The LOAD that goes along is not fenced.
      if (name === 'publishServers') void proxy.loadServers();
      this.#writeNothing();
      return undefined;
    }
    const before = proxy.sentinel?.bootId;
    const answer = await act();
    const isOurs = proxy.sentinel?.bootId === bootId;
    if (isOurs && before !== bootId) proxy.writerConnection = connection;
    if (!lookNames.has(name)) return answer;
    if (isOurs) proxy.writerConnection = Math.max(proxy.writerConnection, connection);
    if (connection === this.#connection) this.#isFenced = true;
    return answer;
  }

  #writeNothing(): void {
    if (this.#world.proxy.sentinel === null) throw new AgentError('ADMIN_STATEMENT_FAILED', 'no such table');
  }

  #mayWrite(connection: number): boolean {
    const { proxy, bootId } = this.#world;
    return proxy.sentinel?.bootId === bootId && proxy.writerConnection === connection;
  }

  /** Whoever gets no answer opens another connection. */
  #call(port: string, isWrite: boolean, act: (connection: number) => Promise<unknown>): Promise<unknown> {
    if (isWrite && !this.#isFenced) return Promise.reject(lost());
    const connection = this.#connection;
    return this.#world.process
      .call(port, () => act(connection), lost)
      .catch((error: unknown) => {
        if (connection === this.#connection && isBroken(error)) {
          this.#connection += 1;
          this.#isFenced = false;
        }
        throw error;
      });
  }
}

function isBroken(error: unknown): boolean {
  return error instanceof AgentError && (error.code === 'ADMIN_CONNECTION_LOST' || error.code === 'ADMIN_UNREACHABLE');
}

/** A port each of whose methods is made once, when it is first asked for. */
function wrap(make: (name: string) => unknown): object {
  const made = new Map<string, unknown>();
  const port: object = {};
  return new Proxy(port, {
    get(_target, name: string): unknown {
      if (!made.has(name)) made.set(name, make(name));
      return made.get(name);
    },
  });
}

function methodOf(port: object, name: string): Method {
  const method = (port as unknown as Record<string, Method | undefined>)[name];
  if (typeof method !== 'function') throw new Error(`there is no ${name}`);
  return method;
}
