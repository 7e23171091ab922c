import { createHash } from 'node:crypto';
import type { Clock } from '../../../process/clock.ts';
import type { Logger } from '../../../process/log.ts';
import { type Caller, matchesPattern, openCaller, type Proof } from '../../core/access.ts';
import type { AccessIdentity, AccessTable } from '../../core/access-table.ts';
import { type Failures, isLocked, noteFailure } from '../../core/lockout.ts';
import type { Gate, Shown } from './gate.ts';
import { PasswordChecks } from './password-checks.ts';
import { Remembered } from './remembered.ts';

/** What the gate needs to know of IAP's assertions. */
export interface AssertionReader {
  /** The e-mail address that IAP vouches for, in lower case; null: the assertion is not good. Never throws. */
  readEmail(assertion: string): Promise<string | null>;
}

/** What is in force now. */
export interface AccessSource {
  /** Null: nothing is configured, and everybody on loopback may do everything. */
  readonly table: AccessTable | null;
}

export type AccessGateDeps = {
  readonly access: AccessSource;
  /** Null: IAP is not configured, and its header counts for nothing. */
  readonly iap: AssertionReader | null;
  readonly clock: Clock;
  readonly log: Logger;
  /** Counts refused credentials, by kind. */
  readonly countRefusal: (kind: Proof) => void;
};

const loginKeepMs = 300_000;
const failuresMax = 10_000;
const reportEveryMs = 10_000;

/**
 * Who calls, by the first credential that is known: IAP's assertion, `authorization`, the client certificate. One that
 * is shown and wrong ends it: what comes after is not tried.
 */
export class AccessGate implements Gate {
  readonly #deps: AccessGateDeps;
  readonly #passwords = new PasswordChecks();
  readonly #logins: Remembered<string>;
  readonly #failures = new Map<string, Failures>();
  #table: AccessTable | null;
  #reportedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: AccessGateDeps) {
    this.#deps = deps;
    this.#table = deps.access.table;
    this.#logins = new Remembered(deps.clock, { keepMs: loginKeepMs, countMax: 1000 });
  }

  async identify(shown: Shown): Promise<Caller | 'unknown' | 'busy'> {
    const { table } = this.#deps.access;
    if (table === null) return openCaller(shown.source);
    if (table !== this.#table) {
      this.#table = table;
      this.#logins.clear();
    }
    if (shown.iapAssertion !== '' && this.#deps.iap !== null) {
      const email = await this.#deps.iap.readEmail(shown.iapAssertion);
      if (email === null) return this.#refuse('iap', shown);
      const identity = table.identities.find((one) => one.email === email);
      if (identity !== undefined) return callerAs(identity, 'iap', shown);
    }
    if (shown.authorization !== '') return this.#identifyByHeader(table, shown);
    const identity = byCertificate(table, shown.certificateNames);
    return identity === null ? 'unknown' : callerAs(identity, 'certificate', shown);
  }

  async #identifyByHeader(table: AccessTable, shown: Shown): Promise<Caller | 'unknown' | 'busy'> {
    const [, scheme = '', credential = ''] = /^(\S{1,20}) +(\S{1,4096})$/.exec(shown.authorization) ?? [];
    if (scheme.toLowerCase() === 'basic') return this.#identifyByLogin(table, credential, shown);
    // A digest is looked for, not the token: how long that takes tells nothing of a token.
    const digest = createHash('sha256').update(credential).digest('hex');
    const identity =
      scheme.toLowerCase() === 'bearer' ? table.identities.find(({ tokens }) => tokens.includes(digest)) : undefined;
    return identity === undefined ? this.#refuse('token', shown) : callerAs(identity, 'token', shown);
  }

  async #identifyByLogin(table: AccessTable, credential: string, shown: Shown): Promise<Caller | 'unknown' | 'busy'> {
    const login = Buffer.from(credential, 'base64').toString();
    const colon = login.indexOf(':');
    if (colon < 0) return this.#refuse('password', shown);
    const username = login.slice(0, colon);
    const key = createHash('sha256').update(`${shown.source}\0${username}`).digest('base64');
    const nowMs = this.#deps.clock.monotonicMs();
    if (isLocked(this.#failures.get(key), nowMs)) return this.#refuse('password', shown);
    const identity = table.identities.find((one) => one.login?.username === username);
    if (identity !== undefined && this.#logins.get(login) === identity.name) {
      return callerAs(identity, 'password', shown);
    }
    const check = await this.#passwords.check(login.slice(colon + 1), identity?.login?.passwordHash ?? null);
    if (check === 'busy') return 'busy';
    if (check === 'wrong' || identity === undefined) {
      this.#noteFailure(key);
      return this.#refuse('password', shown);
    }
    this.#failures.delete(key);
    // Meanwhile the table may have become another.
    if (this.#table === table) this.#logins.set(login, identity.name);
    return callerAs(identity, 'password', shown);
  }

  #noteFailure(key: string): void {
    const failures = noteFailure(this.#failures.get(key), this.#deps.clock.monotonicMs());
    this.#failures.delete(key);
    this.#failures.set(key, failures);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > failuresMax && oldest !== undefined) this.#failures.delete(oldest);
  }

  /** Says now and then that somebody is refused; never what they showed: a name can be a password in the wrong field. */
  #refuse(proof: Proof, { source }: Shown): 'unknown' {
    this.#deps.countRefusal(proof);
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - this.#reportedAtMs >= reportEveryMs) {
      this.#reportedAtMs = nowMs;
      this.#deps.log.warn({ source, proof }, 'a credential was refused');
    }
    return 'unknown';
  }
}

function byCertificate({ identities }: AccessTable, names: readonly string[]): AccessIdentity | null {
  const isNamed = ({ certificates }: AccessIdentity) =>
    certificates.some((pattern) => names.some((name) => matchesPattern(pattern, name)));
  return identities.find(isNamed) ?? null;
}

function callerAs({ name, grants }: AccessIdentity, proof: Proof, { source }: Shown): Caller {
  return { name, proof, source, grants };
}
