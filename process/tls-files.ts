import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';

/** Where a daemon's certificate, its key and the authorities it trusts stand; null: none. */
export type TlsFiles = {
  readonly certificateFile: string | null;
  readonly keyFile: string | null;
  readonly caFile: string | null;
};

/** What such files hold, as one that fits together. */
export type TlsMaterial = {
  readonly certificate: Buffer | null;
  readonly key: Buffer | null;
  readonly ca: Buffer | null;
};

/**
 * Reads the files and checks that they can be used together: while a pair is being exchanged, one of the two can be the
 * older one.
 *
 * @throws {Error} that names the file; never anything that stands in it.
 */
export async function readTlsFiles({ certificateFile, keyFile, caFile }: TlsFiles): Promise<TlsMaterial> {
  const [certificate, key, ca] = await Promise.all([certificateFile, keyFile, caFile].map(readOrNull));
  const material = { certificate: certificate ?? null, key: key ?? null, ca: ca ?? null };
  const parsed =
    material.certificate === null
      ? null
      : parse(certificateFile, () => new X509Certificate(material.certificate ?? ''));
  const parsedKey = material.key === null ? null : parse(keyFile, () => createPrivateKey(material.key ?? ''));
  if (parsed !== null && parsedKey !== null && !parsed.checkPrivateKey(parsedKey)) {
    throw new Error(`${keyFile ?? ''} is not the key of the certificate in ${certificateFile ?? ''}`);
  }
  if (material.ca !== null) {
    const pem = material.ca;
    parse(caFile, () => {
      createSecureContext({ ca: pem });
      return new X509Certificate(pem);
    });
  }
  return material;
}

/** Whether two readings say the same. */
export function isSameMaterial(one: TlsMaterial, other: TlsMaterial): boolean {
  return (['certificate', 'key', 'ca'] as const).every((part) => {
    const [first, second] = [one[part], other[part]];
    return first === null || second === null ? first === second : first.equals(second);
  });
}

async function readOrNull(file: string | null): Promise<Buffer | null> {
  if (file === null) return null;
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Error(`${file} cannot be read (${code})`, { cause: error });
  }
}

/** What a parser says of a bad key may quote it. */
function parse<T>(file: string | null, read: () => T): T {
  try {
    return read();
  } catch {
    throw new Error(`${file ?? ''} holds nothing in PEM form that can be used`);
  }
}
