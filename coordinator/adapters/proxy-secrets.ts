import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { ClientCertificate } from '../core/certificate.ts';
import type { SecretReading } from '../core/credentials.ts';
import { CoordinatorError } from '../errors.ts';
import type { ProxySecrets } from '../ports.ts';
import { hashPassword } from './password-hash.ts';
import type { SecretReader } from './secrets.ts';

/** Turns secrets into what proxies get. Only names and causes stand in a reason, never anything of a value. */
export class ProxySecretsAdapter implements ProxySecrets {
  readonly #secrets: SecretReader;

  constructor({ secrets }: { readonly secrets: SecretReader }) {
    this.#secrets = secrets;
  }

  async readPasswordHash(name: string): Promise<SecretReading<string>> {
    const secret = await this.#read(name);
    return secret.outcome === 'read' ? { outcome: 'read', value: hashPassword(secret.value) } : secret;
  }

  async readClientCertificate(certificateName: string, keyName: string): Promise<SecretReading<ClientCertificate>> {
    const [certificate, key] = await Promise.all([this.#read(certificateName), this.#read(keyName)]);
    if (certificate.outcome === 'missing') return certificate;
    if (key.outcome === 'missing') return key;
    const parsed = orNull(() => new X509Certificate(certificate.value));
    if (parsed === null) return missing(`secret ${certificateName} holds no certificate in PEM form`);
    const parsedKey = orNull(() => createPrivateKey(key.value));
    if (parsedKey === null) return missing(`secret ${keyName} holds no private key in PEM form, without a passphrase`);
    // While a pair is being exchanged, one of the two files can be the older one.
    if (!parsed.checkPrivateKey(parsedKey)) {
      return missing(`secret ${keyName} is not the key of the certificate in secret ${certificateName}`);
    }
    return { outcome: 'read', value: { certificatePem: asFile(certificate.value), keyPem: asFile(key.value) } };
  }

  async #read(name: string): Promise<SecretReading<string>> {
    try {
      const value = await this.#secrets.read(name);
      return value === '' ? missing(`secret ${name} is empty`) : { outcome: 'read', value };
    } catch (error) {
      if (error instanceof CoordinatorError && error.code === 'SECRET_MISSING') return missing(error.message);
      throw error;
    }
  }
}

function missing(reason: string): { readonly outcome: 'missing'; readonly reason: string } {
  return { outcome: 'missing', reason };
}

/** What such a parser says of a bad input may quote it. */
function orNull<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch {
    return null;
  }
}

function asFile(pem: string): string {
  return `${pem.trim()}\n`;
}
