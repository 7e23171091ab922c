import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Checks a client's proof that it knows `password`: SHA1(password) XOR SHA1(scramble + SHA1(SHA1(password))).
 *
 * @see https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_authentication_methods_native_password_authentication.html
 */
export function isPasswordProof(proof: Buffer, password: string, scramble: Buffer): boolean {
  if (password === '') return proof.length === 0;
  const stage1 = sha1(Buffer.from(password));
  const mask = sha1(Buffer.concat([scramble, sha1(stage1)]));
  const expected = Buffer.from(stage1.map((byte, index) => byte ^ (mask[index] ?? 0)));
  return proof.length === expected.length && timingSafeEqual(proof, expected);
}

function sha1(bytes: Buffer): Buffer {
  return createHash('sha1').update(bytes).digest();
}
