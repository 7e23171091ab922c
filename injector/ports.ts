import type { JsonObject } from './core/json.ts';
import type { Marked } from './core/marks.ts';

/** A key with its certificate, and who vouches for it; all in PEM. */
export type Certificate = {
  readonly certificatePem: string;
  readonly keyPem: string;
  /** Empty: not known, and not ours to tell. */
  readonly authoritiesPem: string;
};

/** What a certificate is good for. */
export type CertificateFacts = {
  readonly expiresAtMs: number;
  readonly lifetimeMs: number;
  readonly names: readonly string[];
};

/** Makes and reads certificates. */
export interface CertificateMaker {
  /** Makes an authority of its own for one certificate; its key is forgotten at once. */
  make(names: readonly string[], nowMs: number, lifetimeMs: number): Certificate;
  /** @throws {InjectorError} `CERTIFICATE_UNUSABLE`, also when key and certificate do not belong together. */
  inspect(certificate: Certificate): CertificateFacts;
  /** The authorities of a list that are still good, newest first, at most `limit`. */
  keepAuthorities(pem: string, nowMs: number, limit: number): string;
}

export type StoredCertificate = { readonly certificate: Certificate; readonly resourceVersion: string };

/** Where a certificate is kept that all injectors of a cluster share, and where the API server learns whom to trust. */
export interface CertificateStore {
  /** `null`: there is none yet, or none of the right shape. */
  read(): Promise<StoredCertificate | { readonly certificate: null; readonly resourceVersion: string | null }>;
  /** @throws {InjectorError} `CLUSTER_CONFLICT` when it was changed since it was read. */
  write(certificate: Certificate, resourceVersion: string | null): Promise<void>;
  /** Says to the API server whom to trust; does nothing when it knows already. */
  trust(authoritiesPem: string): Promise<void>;
}

/** A pod as it is in the cluster. */
export type LivePod = {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly pod: JsonObject;
};

/** The API server. Every call has a deadline. All throw {InjectorError} CLUSTER_UNAVAILABLE, CLUSTER_FORBIDDEN. */
export interface Cluster {
  /** `major * 1000 + minor` of the API server. */
  readVersion(): Promise<number>;
  /** The oldest kubelet's, in the same form. */
  readOldestNode(): Promise<number>;
  /** `null`: there is none. */
  readNamespace(name: string): Promise<Marked | null>;
  listNamespaces(): Promise<ReadonlyMap<string, Marked>>;
  /** Pods of one namespace or of all; a page after the other. */
  listPods(options: { readonly namespace: string | null; readonly labelSelector: string }): AsyncIterable<LivePod>;
  /** Tells people about a pod. */
  tellAbout(pod: LivePod, reason: string, message: string): Promise<void>;
}

/** What is known of namespaces without waiting long. */
export interface Namespaces {
  marksOf(name: string): Promise<Marked | null>;
}

/** What is counted. Labels come from fixed lists. */
export interface InjectorMetrics {
  reviewed(outcome: 'injected' | 'skipped' | 'shed' | 'malformed' | 'failed', reason: string, seconds: number): void;
  /** Pods that ask for an agent and run without one, by why. */
  setMissing(counts: ReadonlyMap<string, number>): void;
  setCertificateExpiry(atMs: number): void;
  clusterFailed(call: string): void;
}
