import { type Clock, sleep } from '../../process/clock.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import { InjectorError } from '../errors.ts';
import type { Certificate, CertificateMaker, InjectorMetrics } from '../ports.ts';

const intervalMs = 10_000;

export type CertificateReaderDeps = {
  /** @throws {InjectorError} CERTIFICATE_UNUSABLE */
  readonly read: () => Pick<Certificate, 'certificatePem' | 'keyPem'>;
  readonly maker: CertificateMaker;
  readonly metrics: InjectorMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly serve: (certificate: Certificate) => void;
};

/** Serves the certificate of two files, and takes what is put in their place. A bad pair leaves the last good one. */
export class CertificateReader implements Component {
  readonly name = 'certificate-reader';
  readonly #deps: CertificateReaderDeps;
  readonly #stopped = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #served = '';

  constructor(deps: CertificateReaderDeps) {
    this.#deps = deps;
  }

  /** @throws {InjectorError} CERTIFICATE_UNUSABLE when there is none to begin with. */
  start(): void {
    this.look();
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  /** Looks once. @throws {InjectorError} CERTIFICATE_UNUSABLE */
  look(): void {
    const { read, maker, metrics, serve, log } = this.#deps;
    const certificate = { ...read(), authoritiesPem: '' };
    const { expiresAtMs } = maker.inspect(certificate);
    metrics.setCertificateExpiry(expiresAtMs);
    const pair = `${certificate.certificatePem}${certificate.keyPem}`;
    if (pair === this.#served) return;
    serve(certificate);
    this.#served = pair;
    log.info({ expiresAt: new Date(expiresAtMs).toISOString() }, 'certificate in use');
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#deps;
    const { signal } = this.#stopped;
    for (;;) {
      await sleep(clock, intervalMs, signal);
      if (signal.aborted) return;
      try {
        this.look();
      } catch (error) {
        // Between two writes key and certificate may not belong together.
        if (!(error instanceof InjectorError)) throw error;
        log.warn({ reason: error.message }, 'certificate kept as it was');
      }
    }
  }
}
