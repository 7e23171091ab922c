import type { ClientCertificate } from '../../coordinator/core/certificate.ts';
import type { SecretReading } from '../../coordinator/core/credentials.ts';
import type { ProxySecrets } from '../../coordinator/ports.ts';

/** Secrets in memory: what is not put is missing. */
export class FakeProxySecrets implements ProxySecrets {
  /** By name, in the form in which proxies get them. */
  readonly values = new Map<string, string>();
  /** How often any was asked for. */
  reads = 0;

  readPasswordHash(name: string): Promise<SecretReading<string>> {
    return Promise.resolve(this.#read(name));
  }

  readClientCertificate(certificateName: string, keyName: string): Promise<SecretReading<ClientCertificate>> {
    const certificate = this.#read(certificateName);
    const key = this.#read(keyName);
    if (certificate.outcome === 'missing') return Promise.resolve(certificate);
    if (key.outcome === 'missing') return Promise.resolve(key);
    return Promise.resolve({ outcome: 'read', value: { certificatePem: certificate.value, keyPem: key.value } });
  }

  #read(name: string): SecretReading<string> {
    this.reads += 1;
    const value = this.values.get(name);
    return value === undefined
      ? { outcome: 'missing', reason: `secret ${name} is not there` }
      : { outcome: 'read', value };
  }
}
