import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readAll } from 'node:stream/consumers';

type Answer = { readonly status: number; readonly body?: unknown };
type Route = (body: string, request: IncomingMessage) => Answer;

/** A Kubernetes API server as far as an injector asks it, without TLS. Objects are what it was given. */
export class FakeApiServer {
  readonly server: Server;
  version = { major: '1', minor: '32' };
  /** `null`: nodes may not be listed. */
  kubelets: readonly string[] | null = null;
  namespaces = new Map<string, { labels?: Record<string, string>; annotations?: Record<string, string> }>();
  pods: unknown[] = [];
  secret: { metadata: { resourceVersion: string }; data: Record<string, string> } | null = null;
  webhooks: { name: string; clientConfig: { caBundle?: string } }[] = [{ name: 'a', clientConfig: {} }];
  readonly events: { reason: string; message: string; involvedObject: { name: string } }[] = [];
  /** Requests as `METHOD path`, without the query. */
  readonly requests: string[] = [];
  /** Runs before the next write of the secret: somebody else may be faster. */
  beforeWrite: () => void = () => undefined;
  /** So many of the next requests for all namespaces get no answer. */
  silentLists = 0;
  #watchers: ServerResponse[] = [];
  #revision = 1;

  constructor() {
    this.server = createServer((request, response) => {
      void this.#answer(request, response);
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Sets a namespace and tells those who watch. */
  setNamespace(name: string, labels: Record<string, string>): void {
    this.#revision += 1;
    this.namespaces.set(name, { labels });
    const event = { type: 'ADDED', object: this.#namespace(name) };
    for (const watcher of this.#watchers) watcher.write(`${JSON.stringify(event)}\n`);
  }

  #namespace(name: string): object {
    const metadata = { name, resourceVersion: String(this.#revision), ...this.namespaces.get(name) };
    return { apiVersion: 'v1', kind: 'Namespace', metadata };
  }

  readonly #routes: readonly (readonly [pattern: RegExp, route: Route])[] = [
    [/^GET \/version\/?$/, () => ({ status: 200, body: this.version })],
    [/^GET \/api\/v1\/nodes$/, () => this.#nodes()],
    [/^GET \/api\/v1\/namespaces$/, () => this.#list([...this.namespaces.keys()].map((name) => this.#namespace(name)))],
    [/^GET \/api\/v1\/namespaces\/[^/]+$/, (_body, { url = '' }) => this.#readNamespace(url.split('/').at(-1) ?? '')],
    [/^GET \/api\/v1\/(?:namespaces\/[^/]+\/)?pods$/, (_body, { url = '' }) => this.#listPods(url)],
    [/^POST .*\/events$/, (body) => this.#event(body)],
    [
      /^GET .*\/secrets\/[^/]+$/,
      () => (this.secret === null ? { status: 404, body: {} } : { status: 200, body: this.secret }),
    ],
    [/^(?:POST|PUT) .*\/secrets(?:\/[^/]+)?$/, (body, { method }) => this.#writeSecret(body, method === 'POST')],
    [/^GET .*\/mutatingwebhookconfigurations\/[^/]+$/, () => ({ status: 200, body: { webhooks: this.webhooks } })],
    [/^PATCH .*\/mutatingwebhookconfigurations\/[^/]+$/, (body) => this.#patchWebhooks(body)],
  ];

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ''] = (request.url ?? '').split('?');
    const asked = `${request.method ?? ''} ${path}`;
    this.requests.push(asked);
    if ((request.url ?? '').includes('watch=true')) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      this.#watchers.push(response);
      return;
    }
    const body = await readAll(request);
    if (asked === 'GET /api/v1/namespaces' && this.silentLists > 0) {
      this.silentLists -= 1;
      return;
    }
    const route = this.#routes.find(([pattern]) => pattern.test(asked))?.[1];
    const answer = route === undefined ? { status: 404, body: {} } : route(body, request);
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body ?? {}));
  }

  #list(items: readonly unknown[]): Answer {
    return { status: 200, body: { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items } };
  }

  #nodes(): Answer {
    if (this.kubelets === null) return { status: 403 };
    return this.#list(this.kubelets.map((kubeletVersion) => ({ status: { nodeInfo: { kubeletVersion } } })));
  }

  #readNamespace(name: string): Answer {
    return this.namespaces.has(name) ? { status: 200, body: this.#namespace(name) } : { status: 404 };
  }

  #listPods(url: string): Answer {
    const { pathname, searchParams } = new URL(url, 'http://fake');
    const wantsLabel = searchParams.get('labelSelector') === 'chester/fleet';
    const place = /namespaces\/([^/]+)\//.exec(pathname)?.[1];
    const pods = this.pods as { metadata: { namespace: string; labels?: Record<string, string> } }[];
    return this.#list(
      pods.filter(({ metadata: { namespace, labels = {} } }) => {
        return 'chester/fleet' in labels === wantsLabel && (place === undefined || namespace === place);
      }),
    );
  }

  #event(body: string): Answer {
    this.events.push(JSON.parse(body) as never);
    return { status: 201 };
  }

  #writeSecret(body: string, isNew: boolean): Answer {
    this.beforeWrite();
    this.beforeWrite = () => undefined;
    const given = JSON.parse(body) as { metadata: { resourceVersion?: string }; data: Record<string, string> };
    const current = this.secret?.metadata.resourceVersion;
    if (isNew ? current !== undefined : current !== given.metadata.resourceVersion) return { status: 409 };
    this.secret = { metadata: { resourceVersion: String(Number(current ?? 0) + 1) }, data: given.data };
    return { status: 200, body: this.secret };
  }

  #patchWebhooks(body: string): Answer {
    const { webhooks } = JSON.parse(body) as { webhooks: { name: string; clientConfig: { caBundle: string } }[] };
    for (const { name, clientConfig } of webhooks) {
      const known = this.webhooks.find((webhook) => webhook.name === name);
      if (known !== undefined) known.clientConfig = { ...known.clientConfig, ...clientConfig };
    }
    return { status: 200, body: { webhooks: this.webhooks } };
  }
}
