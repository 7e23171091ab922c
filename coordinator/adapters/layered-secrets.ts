import { labelName } from '../core/names.ts';
import { keys } from '../core/records.ts';
import { CoordinatorError } from '../errors.ts';
import type { Store } from '../ports.ts';
import type { SecretBox } from './secret-box.ts';
import type { SecretManager } from './secret-manager.ts';
import type { SecretReader } from './secrets.ts';

export type LayeredSecretsDeps = {
  /** Environment and files, which go first. */
  readonly outside: SecretReader;
  readonly store: Store;
  /** Null: the store has no encrypted secrets. */
  readonly box: SecretBox | null;
  readonly manager: SecretManager;
};

/** Finds secrets by name: in the environment, in files, then in the store, encrypted or as a place in Secret Manager. */
export class LayeredSecrets implements SecretReader {
  readonly #deps: LayeredSecretsDeps;

  constructor(deps: LayeredSecretsDeps) {
    this.#deps = deps;
  }

  async read(name: string): Promise<string> {
    const { outside, store, box, manager } = this.#deps;
    const fault = await outside.read(name).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if ('value' in fault) return fault.value;
    const stored = labelName.pattern.test(name) ? ((await store.get(keys.secret(name)))?.value ?? null) : null;
    if (stored === null) throw fault.error;
    if (stored.kind === 'resource') return manager.read(stored.resource);
    if (box !== null) return box.open(keys.secret(name), stored.box);
    throw new CoordinatorError('SECRET_MISSING', `secret ${name} is encrypted, and SECRET_KEY_FILE is not set`);
  }
}
