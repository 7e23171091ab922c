import { createHash } from 'node:crypto';

const nativeHash = /^\*[0-9A-Fa-f]{40}$/;
/** A salt of 20 characters, which may be any but NUL, and a digest of 43. */
const sha2Hash = /^\$A\$[0-9A-F]{3}\$[\x01-\x7f]{20}[./0-9A-Za-z]{43}$/;

/**
 * Turns a password into what MySQL and ProxySQL keep of it; one that is a hash already stays.
 *
 * @returns `*` and 40 hexadecimal digits, as mysql_native_password keeps it, or `$A$…` as caching_sha2_password does.
 * @see https://dev.mysql.com/doc/refman/8.0/en/native-pluggable-authentication.html
 */
export function hashPassword(password: string): string {
  if (nativeHash.test(password)) return password.toUpperCase();
  if (sha2Hash.test(password)) return password;
  return `*${sha1(sha1(Buffer.from(password)))
    .toString('hex')
    .toUpperCase()}`;
}

function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}
