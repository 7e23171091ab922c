import type { Clock } from '../../process/clock.ts';
import { secretResource } from '../core/stored-secret.ts';
import { CoordinatorError } from '../errors.ts';
import { type GoogleCallOptions, GoogleSecretsApi } from './google-secrets-api.ts';

/** A rotated secret counts within that time; asking for it costs money and a round trip. */
const keepMs = 60_000;
const keptMax = 1000;

type Kept = { readonly value: string; readonly untilMs: number };

/**
 * Reads secrets of Google Secret Manager, and keeps them for a minute.
 *
 * @see https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access
 */
export class SecretManager {
  readonly #api: GoogleSecretsApi;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor({ clock }: { readonly clock: Clock }, options: GoogleCallOptions) {
    this.#api = new GoogleSecretsApi('https://secretmanager.googleapis.com/', options);
    this.#clock = clock;
  }

  /** @throws {CoordinatorError} SECRET_MISSING */
  async read(resource: string): Promise<string> {
    if (!secretResource.pattern.test(resource)) {
      throw new CoordinatorError('SECRET_MISSING', `a secret's resource is not ${secretResource.allowed}`);
    }
    const kept = this.#kept.get(resource);
    const nowMs = this.#clock.monotonicMs();
    if (kept !== undefined && nowMs < kept.untilMs) return kept.value;
    const answer = await this.#api.get(resource, `v1/${resource}:access`);
    const { data } = (answer['payload'] ?? {}) as { readonly data?: unknown };
    if (typeof data !== 'string') throw new CoordinatorError('SECRET_MISSING', `${resource}: an unreadable answer`);
    const value = Buffer.from(data, 'base64')
      .toString()
      .replace(/\r?\n$/, '');
    this.#kept.delete(resource);
    this.#kept.set(resource, { value, untilMs: nowMs + keepMs });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > keptMax && oldest !== undefined) this.#kept.delete(oldest);
    return value;
  }
}
