import type { Logger } from '../../process/log.ts';
import type { ProxyState, Sentinel } from '../core/statements.ts';
import type { Entropy, ProxyAdmin } from '../ports.ts';

/** The ProxySQL behind the admin port, as last met. */
export type Proxy = { readonly version: string; readonly proxyBoot: string };

export type ProxyWatchDeps = {
  readonly admin: ProxyAdmin;
  readonly entropy: Entropy;
  readonly log: Logger;
  readonly owner: { readonly agentId: string; readonly bootId: string };
};

/**
 * Knows whether this is still the ProxySQL it was. Uptime does not tell: PROXYSQL RESTART rebuilds memory and runtime
 * from disk and lets it count on. A table of ours in ProxySQL's memory does: when it is missing, all was rebuilt.
 */
export class ProxyWatch {
  readonly #deps: ProxyWatchDeps;
  #proxy: Proxy | null = null;

  constructor(deps: ProxyWatchDeps) {
    this.#deps = deps;
  }

  /** The proxy as last met, `null` before the first time. */
  get proxy(): Proxy | null {
    return this.#proxy;
  }

  /** Looks at the proxy, marks it where no mark is. `isRebuilt`: what was proven before is void. */
  async look(): Promise<{ readonly state: ProxyState; readonly isRebuilt: boolean }> {
    const { admin, entropy, owner } = this.#deps;
    const state =
      (await admin.readState()) ?? (await admin.createSentinel({ proxyBoot: entropy.randomId(), ...owner }));
    return { state, isRebuilt: await this.#meet(state.sentinel) };
  }

  async #meet(sentinel: Sentinel): Promise<boolean> {
    const { admin, log, owner } = this.#deps;
    if (sentinel.bootId !== owner.bootId || sentinel.agentId !== owner.agentId) {
      log.info({ before: sentinel.agentId }, 'took the sentinel over');
      await admin.claimSentinel(owner);
    }
    const before = this.#proxy;
    if (before?.proxyBoot === sentinel.proxyBoot) return false;
    const { proxyBoot } = sentinel;
    const version = await admin.readVersion();
    this.#proxy = { version, proxyBoot };
    if (before === null) log.info({ proxysql: version, proxyBoot }, 'reached proxysql');
    else log.warn({ proxysql: version, proxyBoot }, 'proxysql was rebuilt: applying everything');
    return before !== null;
  }
}
