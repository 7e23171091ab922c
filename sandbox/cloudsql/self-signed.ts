// Self-signed X.509 certificates (P-256), written in DER by hand: Node can read certificates and not make them.
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

const tag = { integer: 2, bits: 3, octets: 4, oid: 6, utf8: 12, sequence: 48, set: 49, utcTime: 23, true: 1 };
const oid = { commonName: '550403', basicConstraints: '551d13', ecdsaWithSha256: '2a8648ce3d040302' };

export type SelfSigned = { readonly certificatePem: string; readonly keyPem: string; readonly sha1Hex: string };

type Subject = {
  readonly commonName: string;
  readonly serial: Buffer;
  readonly fromMs: number;
  readonly untilMs: number;
};

/** Makes a key and a certificate of an authority that vouches for itself. */
export function createSelfSigned(subject: Subject): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const der = renderCertificate(subject, publicKey, privateKey);
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    certificatePem: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    sha1Hex: createHash('sha1').update(der).digest('hex'),
  };
}

/** @see https://datatracker.ietf.org/doc/html/rfc5280#section-4.1 */
function renderCertificate(subject: Subject, publicKey: KeyObject, privateKey: KeyObject): Buffer {
  const { commonName, serial, fromMs, untilMs } = subject;
  const algorithm = element(tag.sequence, element(tag.oid, hex(oid.ecdsaWithSha256)));
  const attribute = [element(tag.oid, hex(oid.commonName)), element(tag.utf8, Buffer.from(commonName))];
  const name = element(tag.sequence, element(tag.set, element(tag.sequence, ...attribute)));
  const isAuthority = element(tag.sequence, element(tag.true, hex('ff')));
  const extension = element(
    tag.sequence,
    element(tag.oid, hex(oid.basicConstraints)),
    element(tag.true, hex('ff')),
    element(tag.octets, isAuthority),
  );
  const content = element(
    tag.sequence,
    element(0xa0, element(tag.integer, hex('02'))),
    element(tag.integer, serial),
    algorithm,
    name,
    element(tag.sequence, utcTime(fromMs), utcTime(untilMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, element(tag.sequence, extension)),
  );
  const signature = Buffer.concat([hex('00'), sign('sha256', content, privateKey)]);
  return element(tag.sequence, content, algorithm, element(tag.bits, signature));
}

/** One DER element: tag, length, contents. */
function element(tagNumber: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  const { length } = body;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tagNumber, ...size]), body]);
}

/** Years from 1950 to 2049, which is as far as this form goes. */
function utcTime(atMs: number): Buffer {
  const digits = new Date(atMs)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/\D/g, '');
  return element(tag.utcTime, Buffer.from(`${digits.slice(2)}Z`));
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
