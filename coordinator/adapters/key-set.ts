import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify, type LocalJWKSet } from 'jose';
import type { Clock } from '../../process/clock.ts';

/** Where an issuer publishes its keys. */
export type KeySource = {
  /** A URL, or the path of a file. */
  readonly location: string;
  /** Authorities of the server at the URL; null: those of the system. */
  readonly caFile: string | null;
  /** Holds a bearer token that the server asks for; null: none. */
  readonly tokenFile: string | null;
};

export type TokenRule = {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** Seconds since it was issued; null: its own expiry is enough. */
  readonly ageSecondsMax: number | null;
};

/** What a token turned out to be. `unavailable`: the issuer's keys are not known, so nothing can be. */
export type TokenReading =
  | { readonly outcome: 'valid'; readonly claims: JWTPayload }
  | { readonly outcome: 'invalid' }
  | { readonly outcome: 'unavailable' };

const deadlineMs = 5000;
const bytesMax = 1024 * 1024;
/** Keys are asked for again when they are as old as this, and used for as long as that when nobody answers. */
const freshMs = 600_000;
const usableMs = 24 * 3_600_000;
/** An unknown key id asks for new keys, but anybody can make one up. */
const askAgainMs = 30_000;
const skewSeconds = 30;
const tokenCharactersMax = 16_384;

type Kept = { readonly keys: LocalJWKSet; readonly readAtMs: number };

/**
 * An issuer's public keys, kept and read again, and the tokens that they verify. No message of the library gets out:
 * some hold the token.
 */
export class KeySet {
  readonly #source: KeySource;
  readonly #clock: Clock;
  #kept: Kept | null = null;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;

  constructor(source: KeySource, { clock }: { readonly clock: Clock }) {
    this.#source = source;
    this.#clock = clock;
  }

  /** Verifies signature, issuer, audience and times. Never throws. */
  async verify(token: string, rule: TokenRule): Promise<TokenReading> {
    if (token.length > tokenCharactersMax) return { outcome: 'invalid' };
    if (this.#ageMs() > freshMs) await this.#ask();
    const first = await this.#tryVerify(token, rule);
    if (first !== 'unknownKey') return first;
    await this.#ask();
    const second = await this.#tryVerify(token, rule);
    return second === 'unknownKey' ? { outcome: 'invalid' } : second;
  }

  async #tryVerify(token: string, rule: TokenRule): Promise<TokenReading | 'unknownKey'> {
    if (this.#kept === null || this.#ageMs() > usableMs) return { outcome: 'unavailable' };
    try {
      const { payload } = await jwtVerify(token, this.#kept.keys, {
        issuer: rule.issuer,
        audience: rule.audience,
        algorithms: [...rule.algorithms],
        clockTolerance: skewSeconds,
        currentDate: new Date(this.#clock.nowMs()),
        requiredClaims: ['exp', 'iat', 'sub'],
        ...(rule.ageSecondsMax === null ? {} : { maxTokenAge: rule.ageSecondsMax }),
      });
      return { outcome: 'valid', claims: payload };
    } catch (error) {
      return error instanceof errors.JWKSNoMatchingKey ? 'unknownKey' : { outcome: 'invalid' };
    }
  }

  #ageMs(): number {
    return this.#kept === null ? Number.POSITIVE_INFINITY : this.#clock.monotonicMs() - this.#kept.readAtMs;
  }

  /** One question at a time, and none soon after another. A failed one leaves what is kept. */
  async #ask(): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#asking === null && nowMs - this.#askedAtMs >= (this.#kept === null ? 1000 : askAgainMs)) {
      this.#askedAtMs = nowMs;
      this.#asking = this.#read().finally(() => {
        this.#asking = null;
      });
    }
    await this.#asking;
  }

  async #read(): Promise<void> {
    try {
      const { location } = this.#source;
      const text = /^https?:/.test(location) ? await this.#fetch(location) : await readFile(location, 'utf8');
      const set = JSON.parse(text) as JSONWebKeySet;
      const keys = createLocalJWKSet(set);
      // Nobody signs by none: whoever says so is on the way up, or wrong.
      if (set.keys.length === 0) return;
      this.#kept = { keys, readAtMs: this.#clock.monotonicMs() };
    } catch {
      // What is kept stays usable for a while; without any, tokens are refused.
    }
  }

  async #fetch(url: string): Promise<string> {
    const { caFile, tokenFile } = this.#source;
    const options: RequestOptions = {
      signal: AbortSignal.timeout(deadlineMs),
      ...(caFile === null ? {} : { ca: await readFile(caFile) }),
      ...(tokenFile === null
        ? {}
        : { headers: { authorization: `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}` } }),
    };
    return new Promise((resolve, reject) => {
      const send = url.startsWith('https:') ? httpsRequest : httpRequest;
      const call = send(url, options, (answer) => {
        const parts: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (part: Buffer) => {
          bytes += part.length;
          parts.push(part);
          if (bytes > bytesMax) call.destroy(new Error('the keys are too many'));
        });
        answer.on('error', reject);
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(Buffer.concat(parts).toString());
          else reject(new Error(`the keys are not there (${answer.statusCode ?? 0})`));
        });
      });
      call.on('error', reject);
      call.end();
    });
  }
}
