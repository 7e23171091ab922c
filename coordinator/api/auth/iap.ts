import type { Clock } from '../../../process/clock.ts';
import type { KeySet } from '../../adapters/key-set.ts';
import type { AssertionReader } from './access-gate.ts';
import { Remembered } from './remembered.ts';

/** @see https://cloud.google.com/iap/docs/signed-headers-howto */
const rule = { issuer: 'https://cloud.google.com/iap', algorithms: ['ES256'], ageSecondsMax: 600 };
const keepMs = 60_000;

/** Reads the assertion that Identity-Aware Proxy puts on every request it lets through. */
export class IapAssertions implements AssertionReader {
  readonly #keys: KeySet;
  readonly #audience: string;
  readonly #clock: Clock;
  readonly #emails: Remembered<string>;

  constructor({ keys, clock }: { readonly keys: KeySet; readonly clock: Clock }, audience: string) {
    this.#keys = keys;
    this.#audience = audience;
    this.#clock = clock;
    this.#emails = new Remembered(clock, { keepMs, countMax: 10_000 });
  }

  async readEmail(assertion: string): Promise<string | null> {
    const known = this.#emails.get(assertion);
    if (known !== null) return known;
    const reading = await this.#keys.verify(assertion, { ...rule, audience: this.#audience });
    if (reading.outcome !== 'valid') return null;
    const { email, exp = 0 } = reading.claims;
    if (typeof email !== 'string' || email === '') return null;
    this.#emails.set(assertion, email.toLowerCase(), exp * 1000 - this.#clock.nowMs());
    return email.toLowerCase();
  }
}
