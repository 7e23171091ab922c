import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { labelName } from '../core/names.ts';
import { CoordinatorError } from '../errors.ts';

export type SecretsOptions = {
  /** The environment, or what of it begins with `CHESTER_SECRET_`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder with one file a secret, as Kubernetes mounts them; null for none. */
  readonly dir: string | null;
};

/** The part that other adapters need. */
export interface SecretReader {
  read(name: string): Promise<string>;
}

/**
 * Finds secrets by name, in the environment or in files. Nothing is kept, so a rotated file counts at once, and a
 * value is only ever returned: no message carries it.
 */
export class Secrets implements SecretReader {
  readonly #options: SecretsOptions;

  constructor(options: SecretsOptions) {
    this.#options = options;
  }

  /**
   * Reads the variable `CHESTER_SECRET_<NAME>` (upper case, `-` becomes `_`), else the file `<dir>/<name>` without its
   * last line break.
   *
   * @throws {CoordinatorError} SECRET_MISSING
   */
  async read(name: string): Promise<string> {
    if (!labelName.pattern.test(name)) {
      throw new CoordinatorError(
        'SECRET_MISSING',
        `${JSON.stringify(name.slice(0, 80))} is no name of a secret; allowed: ${labelName.allowed}`,
      );
    }
    const variable = `CHESTER_SECRET_${name.toUpperCase().replaceAll('-', '_')}`;
    return this.#options.env[variable] ?? (await this.#readFile(name, variable));
  }

  async #readFile(name: string, variable: string): Promise<string> {
    if (this.#options.dir === null) {
      throw new CoordinatorError(
        'SECRET_MISSING',
        `secret ${name}: ${variable} is not set, and no folder of secrets is configured`,
      );
    }
    const file = path.join(this.#options.dir, name);
    try {
      return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
      throw new CoordinatorError(
        'SECRET_MISSING',
        `secret ${name}: ${variable} is not set, and ${file} cannot be read (${code})`,
        { cause: error },
      );
    }
  }
}
