import type { Logger } from '../../process/log.ts';
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

  /** Looks at the sentinel, writes it where it is missing. `isRebuilt`: what was proven before is void. */
  async meet(): Promise<{ readonly proxy: Proxy; readonly isRebuilt: boolean }> {
    const { admin, entropy, log, owner } = this.#deps;
    const found = await admin.readSentinel();
    const sentinel = found ?? (await admin.createSentinel({ proxyBoot: entropy.randomId(), ...owner }));
    if (sentinel.bootId !== owner.bootId || sentinel.agentId !== owner.agentId) {
      log.info({ before: sentinel.agentId }, 'took the sentinel over');
      await admin.claimSentinel(owner);
    }
    const before = this.#proxy;
    if (before?.proxyBoot === sentinel.proxyBoot) return { proxy: before, isRebuilt: false };
    const proxy = { version: await admin.readVersion(), proxyBoot: sentinel.proxyBoot };
    this.#proxy = proxy;
    if (before === null) log.info({ proxysql: proxy.version, proxyBoot: proxy.proxyBoot }, 'reached proxysql');
    else log.warn({ proxysql: proxy.version, proxyBoot: proxy.proxyBoot }, 'proxysql was rebuilt: applying everything');
    return { proxy, isRebuilt: before !== null };
  }
}
