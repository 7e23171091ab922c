// Certificates (X.509 v3, P-256), written in DER by hand: Node can read certificates and not make them.
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { InjectorError } from '../errors.ts';
import type { Certificate, CertificateFacts, CertificateMaker } from '../ports.ts';

const tag = { boolean: 1, integer: 2, bits: 3, octets: 4, oid: 6, utf8: 12, utcTime: 23, sequence: 48, set: 49 };
const oid = {
  commonName: '550403',
  basicConstraints: '551d13',
  keyUsage: '551d0f',
  extendedKeyUsage: '551d25',
  alternativeNames: '551d11',
  serverAuthentication: '2b06010505070301',
  ecdsaWithSha256: '2a8648ce3d040302',
};
/** Clocks of API server and injector may differ. */
const backdatedMs = 3_600_000;

type Body = {
  readonly issuer: string;
  readonly subject: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
};

/** Makes certificates for the webhook's server, each with an authority whose key nobody keeps. */
export class X509Maker implements CertificateMaker {
  make(names: readonly string[], nowMs: number, lifetimeMs: number): Certificate {
    const authority = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const server = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const dates = { fromMs: nowMs - backdatedMs, untilMs: nowMs + lifetimeMs };
    // Each authority has a name of its own, so that a list of several is searched without doubt.
    const issuer = `chester-injector-${randomBytes(6).toString('hex')}`;
    const common = { issuer, ...dates };
    const sealed = (body: Body): string => toPem(render(body, authority.privateKey));
    const authorityPem = sealed({
      ...{ ...common, subject: issuer, publicKey: authority.publicKey },
      extensions: [extension(oid.basicConstraints, element(tag.sequence, yes)), keyUsage(0x06, 1)],
    });
    const certificatePem = sealed({
      ...{ ...common, subject: (names[0] ?? '').slice(0, 64), publicKey: server.publicKey },
      extensions: [
        extension(oid.basicConstraints, element(tag.sequence)),
        keyUsage(0x80, 7),
        extension(oid.extendedKeyUsage, element(tag.sequence, element(tag.oid, hex(oid.serverAuthentication)))),
        extension(
          oid.alternativeNames,
          element(tag.sequence, ...names.map((name) => element(0x82, Buffer.from(name)))),
        ),
      ],
    });
    const keyPem = server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { certificatePem, keyPem, authoritiesPem: authorityPem };
  }

  inspect({ certificatePem, keyPem }: Certificate): CertificateFacts {
    try {
      const certificate = new X509Certificate(certificatePem);
      if (!certificate.checkPrivateKey(createPrivateKey(keyPem))) throw new Error('the key belongs to another');
      createSecureContext({ cert: certificatePem, key: keyPem });
      const expiresAtMs = Date.parse(certificate.validTo);
      const names = (certificate.subjectAltName ?? '').split(', ').map((name) => name.replace(/^DNS:/, ''));
      return { expiresAtMs, lifetimeMs: expiresAtMs - Date.parse(certificate.validFrom), names };
    } catch (error) {
      // What the library says of a bad key may quote it.
      throw new InjectorError('CERTIFICATE_UNUSABLE', 'certificate and key cannot be used together', {
        cause: error instanceof Error ? error.name : 'unknown',
      });
    }
  }

  keepAuthorities(pem: string, nowMs: number, limit: number): string {
    const all = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n?/g) ?? [];
    const isGood = (one: string): boolean => {
      try {
        return Date.parse(new X509Certificate(one).validTo) > nowMs;
      } catch {
        return false;
      }
    };
    const known = new Set<string>();
    const kept = all.filter((one) => {
      const fingerprint = createHash('sha256').update(one.trim()).digest('hex');
      const isNew = isGood(one) && !known.has(fingerprint);
      known.add(fingerprint);
      return isNew;
    });
    return kept
      .slice(0, limit)
      .map((one) => `${one.trim()}\n`)
      .join('');
  }
}

/** @see https://datatracker.ietf.org/doc/html/rfc5280#section-4.1 */
function render({ issuer, subject, fromMs, untilMs, publicKey, extensions }: Body, authorityKey: KeyObject): Buffer {
  const algorithm = element(tag.sequence, element(tag.oid, hex(oid.ecdsaWithSha256)));
  const serial = randomBytes(16);
  // Positive, and without a leading zero.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const content = element(
    tag.sequence,
    element(0xa0, element(tag.integer, hex('02'))),
    element(tag.integer, serial),
    algorithm,
    name(issuer),
    element(tag.sequence, utcTime(fromMs), utcTime(untilMs)),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, element(tag.sequence, ...extensions)),
  );
  const signature = Buffer.concat([hex('00'), sign('sha256', content, authorityKey)]);
  return element(tag.sequence, content, algorithm, element(tag.bits, signature));
}

function name(commonName: string): Buffer {
  const attribute = element(
    tag.sequence,
    element(tag.oid, hex(oid.commonName)),
    element(tag.utf8, Buffer.from(commonName)),
  );
  return element(tag.sequence, element(tag.set, attribute));
}

/** A critical one but for the names, which stand beside a subject. */
function extension(id: string, value: Buffer): Buffer {
  const critical = id === oid.alternativeNames || id === oid.extendedKeyUsage ? [] : [yes];
  return element(tag.sequence, element(tag.oid, hex(id)), ...critical, element(tag.octets, value));
}

function keyUsage(bits: number, unusedBits: number): Buffer {
  return extension(oid.keyUsage, element(tag.bits, Buffer.from([unusedBits, bits])));
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

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

const yes = element(tag.boolean, hex('ff'));
