import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import type { SecretReader } from '../adapters/secrets.ts';
import { EmbeddedStore } from '../adapters/store-embedded.ts';
import { RedisStore } from '../adapters/store-redis.ts';
import type { StoreConfig } from '../config-store.ts';
import type { Store, StoreInspector } from '../ports.ts';

/** How long a start waits for Redis. */
const startDeadlineMs = 10_000;

export type OpenStore = {
  readonly store: Store;
  /** Whether other coordinators may use it too. */
  readonly isShared: boolean;
  /** Starts first and stops last. */
  readonly component: Component;
  /** Why the store cannot be used now; null when it can. */
  readonly problem: () => string | null;
  readonly inspector: StoreInspector;
};

/**
 * Opens the store: the embedded one at once, Redis when its component starts.
 *
 * @throws {CoordinatorError} STORE_IN_USE, STORE_UNAVAILABLE
 */
export function openStore(
  config: StoreConfig,
  deps: { readonly secrets: SecretReader; readonly log: Logger },
  { firstLeaseAfterMs }: { readonly firstLeaseAfterMs: number },
): OpenStore {
  if (config.kind === 'redis') {
    const store = new RedisStore(deps, { ...config, startDeadlineMs, firstLeaseAfterMs });
    return { store, isShared: true, component: store, problem: () => store.problem, inspector: store };
  }
  const store = EmbeddedStore.open(config);
  const component = { name: 'store', start: () => undefined, stop: store.close.bind(store) };
  const standing = { place: `the file ${config.file}`, problem: null, server: null };
  const inspector = { standing: () => Promise.resolve(standing) };
  return { store, isShared: false, component, problem: () => null, inspector };
}
