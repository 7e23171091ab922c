/**
 * Reads a process's environment whole and reports every problem at once.
 * A variable is taken once; what is never taken is not looked at.
 */
export class EnvironmentReader {
  readonly problems: string[] = [];
  readonly #env: Readonly<Record<string, string | undefined>>;

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  /** A text; empty counts as unset. `pattern` is what is allowed, `allowed` says it in words. */
  text(name: string, fallback: string | null, rule?: { readonly pattern: RegExp; readonly allowed: string }): string {
    const value = this.#env[name];
    if (value === undefined || value === '') {
      if (fallback === null) this.problems.push(`${name} is not set; it is required`);
      return fallback ?? '';
    }
    if (rule !== undefined && !rule.pattern.test(value)) {
      this.problems.push(`${name} is ${JSON.stringify(value)}; allowed: ${rule.allowed}`);
    }
    return value;
  }

  /** A secret: never echoed. Unset is the empty string. */
  secret(name: string): string {
    return this.#env[name] ?? '';
  }

  /** A whole number in `[min, max]`. */
  integer(name: string, fallback: number, range: { readonly min: number; readonly max: number }): number {
    const value = this.#env[name];
    if (value === undefined || value === '') return fallback;
    const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= range.min && number <= range.max)) {
      this.problems.push(
        `${name} is ${JSON.stringify(value)}; allowed: a whole number from ${range.min} to ${range.max}`,
      );
      return fallback;
    }
    return number;
  }

  /** `true` or `false`. */
  boolean(name: string, fallback: boolean): boolean {
    const value = this.oneOf(name, fallback ? 'true' : 'false', ['true', 'false'] as const);
    return value === 'true';
  }

  /** One of the listed words. */
  oneOf<Word extends string>(name: string, fallback: Word, words: readonly Word[]): Word {
    const value = this.#env[name];
    if (value === undefined || value === '') return fallback;
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) this.problems.push(`${name} is ${JSON.stringify(value)}; allowed: ${words.join(', ')}`);
    return word ?? fallback;
  }
}
