import { readFile } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import path from 'node:path';
import { z } from 'zod';
import type { Pod } from '../core/pods.ts';
import { CoordinatorError } from '../errors.ts';
import type { PodList } from '../ports.ts';

export type KubernetesPodsOptions = {
  /** The API server, ending in `/`. */
  readonly apiUrl: string;
  /** Holds `token` and `ca.crt`, as they are mounted into a pod; both are read at every list. */
  readonly serviceAccountDir: string;
  readonly namespaces: readonly string[];
  /** A label selector; empty for all pods. */
  readonly selector: string;
  /** For one list, all its pages counted. */
  readonly deadlineMs: number;
};

const pageSize = 500;
const pagesMax = 100;
const bodyBytesMax = 16 * 1024 * 1024;
/** Names and UIDs only: a list of whole pods is a hundred times as long. */
const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

const page = z.object({
  kind: z.literal('PartialObjectMetadataList'),
  metadata: z.object({ continue: z.string().optional() }),
  items: z.array(z.object({ metadata: z.object({ name: z.string().min(1), uid: z.string().min(1) }) })),
});

/**
 * Lists pods from the API server of this coordinator's own cluster.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 */
export class KubernetesPods implements PodList {
  readonly #options: KubernetesPodsOptions;

  constructor(options: KubernetesPodsOptions) {
    this.#options = options;
  }

  async list(): Promise<readonly Pod[]> {
    const signal = AbortSignal.timeout(this.#options.deadlineMs);
    try {
      const pods: Pod[] = [];
      for (const namespace of this.#options.namespaces) pods.push(...(await this.#listNamespace(namespace, signal)));
      return pods;
    } catch (error) {
      const said = error instanceof Error ? error.message : 'failed';
      throw new CoordinatorError('KUBERNETES_UNAVAILABLE', `pods could not be listed completely: ${said}`, {
        cause: error,
      });
    }
  }

  async #listNamespace(namespace: string, signal: AbortSignal): Promise<Pod[]> {
    const pods: Pod[] = [];
    let next = '';
    for (let pages = 0; pages < pagesMax; pages += 1) {
      const url = new URL(`api/v1/namespaces/${encodeURIComponent(namespace)}/pods`, this.#options.apiUrl);
      url.searchParams.set('limit', String(pageSize));
      if (this.#options.selector !== '') url.searchParams.set('labelSelector', this.#options.selector);
      if (next !== '') url.searchParams.set('continue', next);
      const parsed = page.safeParse(JSON.parse(await this.#get(url, signal)));
      if (!parsed.success) throw new Error(`the list of namespace ${namespace} is not readable`);
      pods.push(...parsed.data.items.map(({ metadata: { name, uid } }) => ({ name, uid })));
      next = parsed.data.metadata.continue ?? '';
      if (next === '') return pods;
    }
    throw new Error(`namespace ${namespace} has more than ${pagesMax} pages of pods`);
  }

  async #get(url: URL, signal: AbortSignal): Promise<string> {
    const { serviceAccountDir: dir } = this.#options;
    const isPlain = url.protocol === 'http:';
    const token = (await readFile(path.join(dir, 'token'), 'utf8')).trim();
    const ca = isPlain ? undefined : await readFile(path.join(dir, 'ca.crt'));
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, accept };
      const send = isPlain ? requestHttp : requestHttps;
      const call = send(url, { headers, signal, agent: false, ...(ca === undefined ? {} : { ca }) }, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > bodyBytesMax) call.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('aborted', () => {
          reject(new Error('the answer was cut off'));
        });
        response.on('end', () => {
          if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString());
          else reject(new Error(`HTTP ${response.statusCode ?? 0}`));
        });
      });
      call.on('error', reject);
      call.end();
    });
  }
}
