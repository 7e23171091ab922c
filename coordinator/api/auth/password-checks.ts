import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { passwordHashRule } from '../../core/access-table.ts';

export type PasswordCheck = 'right' | 'wrong' | 'busy';

/** One hash costs tens of milliseconds of a thread: few at once, and not many in line. */
const atOnceMax = 2;
const waitingMax = 32;
const memoryMax = 128 * 1024 * 1024;

/** Checks passwords against scrypt hashes, a few at a time. */
export class PasswordChecks {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** What an unknown user's password is checked against, so that it takes as long. */
  readonly #nobody = `scrypt:16384:8:1:${randomBytes(16).toString('base64url')}:${randomBytes(32).toString('base64url')}`;

  /** `hash` null: there is no such user, which takes as long and is wrong. */
  async check(password: string, hash: string | null): Promise<PasswordCheck> {
    if (this.#running >= atOnceMax) {
      if (this.#waiting.length >= waitingMax) return 'busy';
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      const isSame = await verify(password, hash ?? this.#nobody);
      return isSame && hash !== null ? 'right' : 'wrong';
    } finally {
      // Whoever is next in line takes this one's place.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

function verify(password: string, hash: string): Promise<boolean> {
  const [, cost = '', blockSize = '', parallelization = '', salt = '', key = ''] = hash.split(':');
  if (!passwordHashRule.pattern.test(hash)) return Promise.resolve(false);
  const expected = Buffer.from(key, 'base64url');
  const options = { N: Number(cost), r: Number(blockSize), p: Number(parallelization), maxmem: memoryMax };
  return new Promise((resolve, reject) => {
    scrypt(password, Buffer.from(salt, 'base64url'), expected.length, options, (error, given) => {
      if (error === null) resolve(timingSafeEqual(given, expected));
      else reject(error);
    });
  });
}
