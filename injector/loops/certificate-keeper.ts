import { type Clock, sleep } from '../../process/clock.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import { InjectorError } from '../errors.ts';
import type { Certificate, CertificateMaker, CertificateStore, InjectorMetrics } from '../ports.ts';

const lifetimeMs = 90 * 86_400_000;
/** Renewed with this part of its life left. */
const renewAt = 1 / 3;
/** The newest authority and those before it, which other injectors may still use. */
const authoritiesMax = 3;
const attemptsMax = 3;
const intervalMs = 30_000;

export type CertificateKeeperDeps = {
  readonly store: CertificateStore;
  readonly maker: CertificateMaker;
  readonly metrics: InjectorMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  /** Takes a certificate into use. */
  readonly serve: (certificate: Certificate) => void;
};

/**
 * Keeps the webhook's certificate good: made by whichever injector finds that it is missing or old, shared by all of them
 * through one secret. The API server trusts a new authority before any injector shows its certificate, and old ones until
 * they end.
 */
export class CertificateKeeper implements Component {
  readonly name = 'certificate-keeper';
  readonly #deps: CertificateKeeperDeps;
  readonly #names: readonly string[];
  readonly #stopped = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #servedPem = '';

  constructor(deps: CertificateKeeperDeps, names: readonly string[]) {
    this.#deps = deps;
    this.#names = names;
  }

  /** Tries for as long as it takes: without it, the webhook would not answer at all. */
  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  /** Whether there is a certificate to show. */
  get isServing(): boolean {
    return this.#servedPem !== '';
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#deps;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        await this.keep();
      } catch (error) {
        if (!(error instanceof InjectorError)) throw error;
        log.warn({ code: error.code, reason: error.message }, 'certificate not kept');
      }
      await sleep(clock, this.isServing ? intervalMs : intervalMs / 10, signal);
    }
  }

  /** Looks once: makes what is missing, lets the API server trust it, serves it. @throws {InjectorError} */
  async keep(): Promise<void> {
    const { store, metrics, maker, log, serve } = this.#deps;
    const certificate = await this.#readOrMake();
    await store.trust(certificate.authoritiesPem);
    const { expiresAtMs } = maker.inspect(certificate);
    metrics.setCertificateExpiry(expiresAtMs);
    if (certificate.certificatePem === this.#servedPem) return;
    serve(certificate);
    this.#servedPem = certificate.certificatePem;
    log.info({ expiresAt: new Date(expiresAtMs).toISOString() }, 'certificate in use');
  }

  async #readOrMake(): Promise<Certificate> {
    const { store, maker, clock } = this.#deps;
    for (let attempt = 1; ; attempt += 1) {
      const stored = await store.read();
      if (stored.certificate !== null && this.#isGood(stored.certificate)) return stored.certificate;
      const nowMs = clock.nowMs();
      const made = maker.make(this.#names, nowMs, lifetimeMs);
      const authorities = `${made.authoritiesPem}${stored.certificate?.authoritiesPem ?? ''}`;
      const authoritiesPem = maker.keepAuthorities(authorities, nowMs, authoritiesMax);
      try {
        await store.write({ ...made, authoritiesPem }, stored.resourceVersion);
        return { ...made, authoritiesPem };
      } catch (error) {
        // Another injector was faster: its certificate is as good.
        const isBeaten = error instanceof InjectorError && error.code === 'CLUSTER_CONFLICT';
        if (!isBeaten || attempt >= attemptsMax) throw error;
      }
    }
  }

  #isGood(certificate: Certificate): boolean {
    try {
      const { expiresAtMs, lifetimeMs: whole, names } = this.#deps.maker.inspect(certificate);
      const leftMs = expiresAtMs - this.#deps.clock.nowMs();
      return leftMs > whole * renewAt && this.#names.every((name) => names.includes(name));
    } catch {
      return false;
    }
  }
}
