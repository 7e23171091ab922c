import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SealedSecret } from '../core/stored-secret.ts';
import { CoordinatorError } from '../errors.ts';

const keyBytes = 32;
const keysMax = 16;
const algorithm = 'aes-256-gcm';

type BoxKey = { readonly id: string; readonly bytes: Buffer };

/**
 * Encrypts with keys of a file: one a line, 32 random bytes as base64; the first encrypts, all decrypt. The file is read
 * again each time, so an exchanged one counts at once. What is encrypted is bound to its name: moved to another one, it
 * does not open.
 */
export class SecretBox {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** The id of the key that encrypts now. @throws {CoordinatorError} SECRET_MISSING */
  async currentKeyId(): Promise<string> {
    const [key] = await this.#readKeys();
    return key.id;
  }

  /** @throws {CoordinatorError} SECRET_MISSING when there is no key. */
  async seal(name: string, value: string): Promise<SealedSecret> {
    const [key] = await this.#readKeys();
    const nonce = randomBytes(12);
    const cipher = createCipheriv(algorithm, key.bytes, nonce).setAAD(Buffer.from(name));
    const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return { keyId: key.id, nonce: nonce.toString('base64'), sealed: sealed.toString('base64') };
  }

  /** @throws {CoordinatorError} SECRET_MISSING when its key is not there, or it was tampered with. */
  async open(name: string, { keyId, nonce, sealed }: SealedSecret): Promise<string> {
    const key = (await this.#readKeys()).find(({ id }) => id === keyId);
    if (key === undefined) {
      throw new CoordinatorError('SECRET_MISSING', `secret ${name}: SECRET_KEY_FILE has no key ${keyId}`);
    }
    const bytes = Buffer.from(sealed, 'base64');
    const tagAt = bytes.length - 16;
    try {
      const decipher = createDecipheriv(algorithm, key.bytes, Buffer.from(nonce, 'base64'), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(tagAt));
      return Buffer.concat([decipher.update(bytes.subarray(0, tagAt)), decipher.final()]).toString();
    } catch {
      throw new CoordinatorError('SECRET_MISSING', `secret ${name} does not open with key ${keyId}: it was changed`);
    }
  }

  async #readKeys(): Promise<readonly [BoxKey, ...BoxKey[]]> {
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
      throw new CoordinatorError('SECRET_MISSING', `SECRET_KEY_FILE ${this.#file} cannot be read (${code})`);
    }
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    const keys = lines.slice(0, keysMax).map((line) => Buffer.from(line.trim(), 'base64'));
    const [first, ...others] = keys.map((bytes) => ({ id: idOf(bytes), bytes }));
    if (first === undefined || lines.length > keysMax || keys.some(({ length }) => length !== keyBytes)) {
      const allowed = `1 to ${keysMax} lines of ${keyBytes} bytes as base64 each`;
      throw new CoordinatorError(
        'SECRET_MISSING',
        `SECRET_KEY_FILE ${this.#file} holds something else; allowed: ${allowed}`,
      );
    }
    return [first, ...others];
  }
}

/** Says which key it was, and nothing of the key. */
function idOf(bytes: Buffer): string {
  return createHash('sha256').update('chester secret key\0').update(bytes).digest('hex').slice(0, 12);
}
