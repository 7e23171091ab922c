import {
  AdmissionregistrationV1Api,
  ApiException,
  type ConfigurationOptions,
  type CoreV1Event,
  CoreV1Api,
  type KubeConfig,
  PatchStrategy,
  setHeaderMiddleware,
  setHeaderOptions,
  type V1Pod,
  type V1Secret,
  VersionApi,
} from '@kubernetes/client-node';
import type { JsonObject } from '../core/json.ts';
import type { Marked } from '../core/marks.ts';
import { InjectorError } from '../errors.ts';
import type { Certificate, CertificateStore, Cluster, InjectorMetrics, LivePod, StoredCertificate } from '../ports.ts';

const podsPerPage = 250;

/** Gives a call a deadline of its own. */
export function deadline(ms: number, options?: ConfigurationOptions): ConfigurationOptions {
  const plain = setHeaderMiddleware('accept', 'application/json');
  const limited: typeof plain = {
    pre: (context) => {
      context.setSignal(AbortSignal.timeout(ms));
      return plain.pre(context);
    },
    post: (context) => plain.post(context),
  };
  return { ...options, middleware: [...(options?.middleware ?? []), limited], middlewareMergeStrategy: 'append' };
}

/** Runs a call, counts its failure, and says it in our words. Null for what is not there. */
async function call<T>(name: string, metrics: InjectorMetrics, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    const status = error instanceof ApiException ? error.code : 0;
    if (status === 404) return null;
    metrics.clusterFailed(name);
    if (status === 409) throw new InjectorError('CLUSTER_CONFLICT', `${name}: changed since it was read`);
    if (status === 401 || status === 403) throw new InjectorError('CLUSTER_FORBIDDEN', `${name}: status ${status}`);
    // What an API server says may quote the object.
    const cause = error instanceof Error ? error.message.slice(0, 200) : 'unknown';
    const reason = status === 0 ? `no answer: ${cause}` : `status ${status}`;
    throw new InjectorError('CLUSTER_UNAVAILABLE', `${name}: ${reason}`);
  }
}

type KubernetesOptions = { readonly deadlineMs: number };

/** The API server, by the credentials of the pod or of KUBECONFIG. */
export class KubernetesCluster implements Cluster {
  readonly #core: CoreV1Api;
  readonly #version: VersionApi;
  readonly #metrics: InjectorMetrics;
  readonly #options: () => ConfigurationOptions;

  constructor(config: KubeConfig, metrics: InjectorMetrics, { deadlineMs }: KubernetesOptions) {
    this.#core = config.makeApiClient(CoreV1Api);
    this.#version = config.makeApiClient(VersionApi);
    this.#metrics = metrics;
    this.#options = () => deadline(deadlineMs);
  }

  async readVersion(): Promise<number> {
    const version = await call('version', this.#metrics, () => this.#version.getCode({}, this.#options()));
    return versionNumber(`${version?.major ?? ''}.${version?.minor ?? ''}`);
  }

  async readOldestNode(): Promise<number> {
    const nodes = await call('nodes', this.#metrics, () => this.#core.listNode({}, this.#options()));
    const versions = (nodes?.items ?? []).map((node) => versionNumber(node.status?.nodeInfo?.kubeletVersion ?? ''));
    return versions.length === 0 ? 0 : Math.min(...versions);
  }

  async readNamespace(name: string): Promise<Marked | null> {
    const namespace = await call('namespace', this.#metrics, () => this.#core.readNamespace({ name }, this.#options()));
    return namespace === null ? null : marksOf(namespace.metadata);
  }

  async listNamespaces(): Promise<ReadonlyMap<string, Marked>> {
    const list = await call('namespaces', this.#metrics, () => this.#core.listNamespace({}, this.#options()));
    return new Map((list?.items ?? []).map(({ metadata }) => [metadata?.name ?? '', marksOf(metadata)]));
  }

  async *listPods(options: {
    readonly namespace: string | null;
    readonly labelSelector: string;
  }): AsyncIterable<LivePod> {
    let next: string | undefined;
    do {
      const page = await this.#listPage(options, next);
      yield* page.pods;
      ({ next } = page);
    } while (next !== undefined && next !== '');
  }

  async #listPage(
    { namespace, labelSelector }: { readonly namespace: string | null; readonly labelSelector: string },
    after: string | undefined,
  ): Promise<{ readonly pods: readonly LivePod[]; readonly next: string | undefined }> {
    const page = { labelSelector, limit: podsPerPage, ...(after === undefined ? {} : { _continue: after }) };
    const list = await call('pods', this.#metrics, () =>
      namespace === null
        ? this.#core.listPodForAllNamespaces(page, this.#options())
        : this.#core.listNamespacedPod({ namespace, ...page }, this.#options()),
    );
    return { pods: (list?.items ?? []).map((pod) => liveOf(pod)), next: list?.metadata?._continue };
  }

  async tellAbout({ namespace, name, uid }: LivePod, reason: string, message: string): Promise<void> {
    const now = new Date();
    const body = {
      metadata: { namespace, generateName: `${name.slice(0, 200)}.` },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid },
      ...{ reason, message, type: 'Warning', count: 1, firstTimestamp: now, lastTimestamp: now },
      source: { component: 'chester-injector' },
    } as unknown as CoreV1Event;
    await call('events', this.#metrics, () => this.#core.createNamespacedEvent({ namespace, body }, this.#options()));
  }
}

export type KubernetesCertificateNames = {
  readonly namespace: string;
  readonly secret: string;
  readonly webhookConfiguration: string;
};

/** The certificate in a secret, and the trust in a MutatingWebhookConfiguration. */
export class KubernetesCertificates implements CertificateStore {
  readonly #core: CoreV1Api;
  readonly #admission: AdmissionregistrationV1Api;
  readonly #metrics: InjectorMetrics;
  readonly #names: KubernetesCertificateNames;
  readonly #deadlineMs: number;

  constructor(
    config: KubeConfig,
    metrics: InjectorMetrics,
    { deadlineMs, ...names }: KubernetesCertificateNames & KubernetesOptions,
  ) {
    this.#core = config.makeApiClient(CoreV1Api);
    this.#admission = config.makeApiClient(AdmissionregistrationV1Api);
    this.#metrics = metrics;
    this.#names = names;
    this.#deadlineMs = deadlineMs;
  }

  async read(): Promise<StoredCertificate | { readonly certificate: null; readonly resourceVersion: string | null }> {
    const { namespace, secret: name } = this.#names;
    const secret = await call('secret', this.#metrics, () =>
      this.#core.readNamespacedSecret({ namespace, name }, deadline(this.#deadlineMs)),
    );
    const text = (key: string): string => Buffer.from(secret?.data?.[key] ?? '', 'base64').toString();
    const certificate = { certificatePem: text('tls.crt'), keyPem: text('tls.key'), authoritiesPem: text('ca.crt') };
    const resourceVersion = secret?.metadata?.resourceVersion ?? null;
    const isWhole = Object.values(certificate).every((part) => part !== '') && resourceVersion !== null;
    return isWhole ? { certificate, resourceVersion } : { certificate: null, resourceVersion };
  }

  async write(certificate: Certificate, resourceVersion: string | null): Promise<void> {
    const { namespace, secret: name } = this.#names;
    const { certificatePem, keyPem, authoritiesPem } = certificate;
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const body = {
      metadata: { name, namespace, ...(resourceVersion === null ? {} : { resourceVersion }) },
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': base64(certificatePem), 'tls.key': base64(keyPem), 'ca.crt': base64(authoritiesPem) },
    } as unknown as V1Secret;
    const options = deadline(this.#deadlineMs);
    const written = await call<V1Secret>('secret', this.#metrics, () =>
      resourceVersion === null
        ? this.#core.createNamespacedSecret({ namespace, body }, options)
        : this.#core.replaceNamespacedSecret({ namespace, name, body }, options),
    );
    if (written === null) throw new InjectorError('CLUSTER_CONFLICT', `secret ${name} is gone`);
  }

  async trust(authoritiesPem: string): Promise<void> {
    const name = this.#names.webhookConfiguration;
    const caBundle = Buffer.from(authoritiesPem).toString('base64');
    const configuration = await call('webhook', this.#metrics, () =>
      this.#admission.readMutatingWebhookConfiguration({ name }, deadline(this.#deadlineMs)),
    );
    if (configuration === null) throw new InjectorError('CLUSTER_UNAVAILABLE', `there is no webhook ${name}`);
    const stale = (configuration.webhooks ?? []).filter(({ clientConfig }) => clientConfig.caBundle !== caBundle);
    if (stale.length === 0) return;
    const body = { webhooks: stale.map((webhook) => ({ name: webhook.name, clientConfig: { caBundle } })) };
    const options = deadline(this.#deadlineMs, setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch));
    await call('webhook', this.#metrics, () =>
      this.#admission.patchMutatingWebhookConfiguration({ name, body }, options),
    );
  }
}

function liveOf(pod: V1Pod): LivePod {
  const { metadata } = pod;
  const [namespace = '', name = '', uid = ''] = [metadata?.namespace, metadata?.name, metadata?.uid];
  return { namespace, name, uid, pod: pod as unknown as JsonObject };
}

type Metadata = { readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };

function marksOf(metadata: Metadata | undefined): Marked {
  return { labels: metadata?.labels, annotations: metadata?.annotations };
}

/** `v1.31.4-gke.1`, or `1.31+`, as 1031; 0 for what is no version. */
function versionNumber(text: string): number {
  const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(text) ?? [];
  return Number(major) * 1000 + Number(minor);
}
