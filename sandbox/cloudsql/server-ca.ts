import { randomBytes } from 'node:crypto';
import type { JsonObject } from './json.ts';
import { createSelfSigned } from './self-signed.ts';

const tenYearsMs = 10 * 365 * 24 * 3_600_000;

/** Makes an authority of an instance's own, as Cloud SQL has one for each, as the API shows it in `serverCaCert`. */
export function createServerCa(instance: string, nowMs: number): JsonObject {
  const commonName = `Google Cloud SQL Server CA of ${instance}`;
  const serial = randomBytes(8);
  serial[0] = 1; // positive, and not shortened
  const made = createSelfSigned({ commonName, serial, fromMs: nowMs, untilMs: nowMs + tenYearsMs });
  return {
    kind: 'sql#sslCert',
    certSerialNumber: BigInt(`0x${serial.toString('hex')}`).toString(),
    cert: made.certificatePem,
    createTime: new Date(nowMs).toISOString(),
    commonName: `C=US,O=Google\\, Inc,CN=${commonName}`,
    expirationTime: new Date(nowMs + tenYearsMs).toISOString(),
    sha1Fingerprint: made.sha1Hex,
    instance,
  };
}
