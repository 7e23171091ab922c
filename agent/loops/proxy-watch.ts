import type { Logger } from '../../process/log.ts';
import { judgeOwner, judgeVersion, type Owner, type Refusal } from '../core/ownership.ts';
import type { ProxyState } from '../core/look.ts';
import type { PauseMark } from '../core/sentinel.ts';
import type { Entropy, ProxyAdmin } from '../ports.ts';

/** The ProxySQL behind the admin port, as last met. */
export type Proxy = { readonly version: string; readonly proxyBoot: string };

/** What a look found. */
export type Look = { readonly state: ProxyState } | { readonly refusal: Refusal };

export type ProxyWatchDeps = {
  readonly admin: Pick<ProxyAdmin, 'readVersion' | 'readState' | 'createSentinel' | 'claimSentinel'>;
  readonly entropy: Entropy;
  readonly log: Logger;
  readonly owner: Owner;
};

/**
 * Knows whether this is still the ProxySQL it was, and whether it is ours to manage. Uptime does not tell: PROXYSQL
 * RESTART rebuilds memory and runtime from disk and lets it count on. A table of ours in ProxySQL's memory does: when
 * it is missing, all was rebuilt. The same table names the agent process that owns this ProxySQL, and when it last
 * gave a sign of life.
 */
export class ProxyWatch {
  readonly #deps: ProxyWatchDeps;
  #proxy: Proxy | null = null;
  /** The last boot of the proxy at which this process was the owner. */
  #heldBoot: string | null = null;
  #pause: PauseMark = 'none';
  #refusal: Refusal | null = null;

  constructor(deps: ProxyWatchDeps) {
    this.#deps = deps;
  }

  /** The proxy as last met, `null` before the first time and while it is not ours. */
  get proxy(): Proxy | null {
    return this.#proxy;
  }

  /** Why the proxy is not ours to manage, as last met. */
  get refusal(): Refusal | null {
    return this.#refusal;
  }

  /** What a drain left on the proxy, as last seen. */
  get pause(): PauseMark {
    return this.#pause;
  }

  /** Takes note of a mark that was just read or written. */
  notePause(pause: PauseMark): void {
    this.#pause = pause;
  }

  /**
   * Looks at the proxy; marks it where no mark is, unless it is too old or another agent's. `onRebuilt` is called in the
   * very turn in which `proxy` shows another boot: nothing that was found before may be told of the new one.
   */
  async look(onRebuilt: () => void): Promise<Look> {
    const { admin, entropy, owner } = this.#deps;
    let state = this.#proxy === null ? null : await admin.readState();
    let version = this.#proxy?.version ?? '';
    if (state === null) {
      // Never met, not ours, or rebuilt: then it may be another program by now.
      version = await admin.readVersion();
      const refusal = judgeVersion(version);
      if (refusal !== null) return this.#refuse(refusal);
      state = (await admin.readState()) ?? (await admin.createSentinel({ proxyBoot: entropy.randomId(), ...owner }));
    }
    const verdict = judgeOwner(state.sentinel, owner, this.#heldBoot === state.sentinel.proxyBoot);
    if (typeof verdict === 'object') return this.#refuse(verdict.refusal);
    if (verdict === 'takeOver') {
      const { agentId, bootId } = state.sentinel;
      await admin.claimSentinel(owner, bootId);
      this.#deps.log.info({ before: agentId }, 'took the sentinel over');
      return this.look(onRebuilt);
    }
    this.#meet({ version, proxyBoot: state.sentinel.proxyBoot }, state.sentinel.pause, onRebuilt);
    return { state };
  }

  #meet(proxy: Proxy, pause: PauseMark, onRebuilt: () => void): void {
    const { log } = this.#deps;
    const before = this.#proxy;
    const { version, proxyBoot } = proxy;
    this.#pause = pause;
    this.#refusal = null;
    if (before?.proxyBoot === proxyBoot) return;
    this.#proxy = proxy;
    this.#heldBoot = proxyBoot;
    if (before !== null) onRebuilt();
    if (before === null) log.info({ proxysql: version, proxyBoot }, 'reached proxysql');
    else log.warn({ proxysql: version, proxyBoot }, 'proxysql was rebuilt: applying everything');
  }

  #refuse(refusal: Refusal): Look {
    this.#proxy = null;
    this.#refusal = refusal;
    return { refusal };
  }
}
