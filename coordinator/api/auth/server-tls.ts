import { experimental, type ServerCredentials } from '@grpc/grpc-js';
import type { TlsWatch } from '../../../process/tls-watch.ts';

type Provider = Parameters<typeof experimental.createCertificateProviderServerCredentials>[0];
type CaListener = Parameters<Provider['addCaCertificateListener']>[0];
type IdentityListener = Parameters<Provider['addIdentityCertificateListener']>[0];

/**
 * Makes gRPC's server credentials from files that may change: new connections get the new certificate, old ones live on.
 * A client certificate is asked for where authorities of clients are given; one that they did not sign is as none.
 */
export function createServerTls(watch: TlsWatch): ServerCredentials {
  const provider = new WatchedCertificates(watch);
  const hasClientCa = watch.material.ca !== null;
  // The identity's provider goes first, whatever its declaration calls it.
  return experimental.createCertificateProviderServerCredentials(provider, hasClientCa ? provider : null, false);
}

class WatchedCertificates implements Provider {
  readonly #watch: TlsWatch;
  readonly #unwatch = new Map<CaListener | IdentityListener, () => void>();

  constructor(watch: TlsWatch) {
    this.#watch = watch;
  }

  addCaCertificateListener(listener: CaListener): void {
    const tell = () => {
      const { ca } = this.#watch.material;
      listener(ca === null ? null : { caCertificate: ca });
    };
    this.#unwatch.set(listener, this.#watch.onChange(tell));
    // Whoever listens is listened to only after this call.
    process.nextTick(tell);
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.#remove(listener);
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    const tell = () => {
      const { certificate, key } = this.#watch.material;
      listener(certificate === null || key === null ? null : { certificate, privateKey: key });
    };
    this.#unwatch.set(listener, this.#watch.onChange(tell));
    // Whoever listens is listened to only after this call.
    process.nextTick(tell);
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#remove(listener);
  }

  #remove(listener: CaListener | IdentityListener): void {
    this.#unwatch.get(listener)?.();
    this.#unwatch.delete(listener);
  }
}
