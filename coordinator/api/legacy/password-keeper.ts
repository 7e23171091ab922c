import { CoordinatorError } from '../../errors.ts';
import type { SecretVault } from '../../ports.ts';

export type PasswordKeeperDeps = {
  /** Null: there is no key to keep anything with. */
  readonly vault: SecretVault | null;
  /** Secrets as the rest of the coordinator reads them. */
  readonly secrets: { read(name: string): Promise<string> };
};

/** Keeps passwords that came in the clear, and sees to it that they count. */
export class PasswordKeeper {
  readonly #deps: PasswordKeeperDeps;

  constructor(deps: PasswordKeeperDeps) {
    this.#deps = deps;
  }

  /** Null once the secret has this value; else why not, and what to do. Never holds any of it. */
  async keep(name: string, value: string): Promise<string | null> {
    const { vault } = this.#deps;
    if ((await this.#read(name)) === value) return null;
    if (vault === null) {
      return (
        `secret:NAME, the name of a secret that the coordinator can read (${name} would be the usual one): ` +
        'it has no key to keep passwords with (SECRET_KEY_FILE)'
      );
    }
    const kept = await vault.keep(name, value);
    if (!kept.ok) return kept.message;
    if ((await this.#read(name)) === value) return null;
    return `the password of secret ${name}, which the environment or SECRETS_DIR gives: they go first, change it there`;
  }

  async #read(name: string): Promise<string | null> {
    try {
      return await this.#deps.secrets.read(name);
    } catch (error) {
      if (error instanceof CoordinatorError && error.code === 'SECRET_MISSING') return null;
      throw error;
    }
  }
}
