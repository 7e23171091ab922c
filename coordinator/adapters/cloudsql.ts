import { auth, sqladmin, type sqladmin_v1 } from 'googleapis/build/src/apis/sqladmin/index.js';
import type { CloudListing, CloudOperation, ReplicaRequest } from '../core/cloud.ts';
import { CoordinatorError } from '../errors.ts';
import type { ChangeOutcome, CloudSql, CreateOutcome, RelabelRequest } from '../ports.ts';
import { type Body, parseBody, parseBytes, readBody } from './cloudsql-body.ts';
import { type CallKind, meaningOf, type Refused } from './cloudsql-failures.ts';
import { authorityFields, listedFields } from './cloudsql-fields.ts';
import { KnownPages, type ReadPage } from './cloudsql-pages.ts';
import { parseAuthorities, parseOperation, renderReplica } from './cloudsql-resources.ts';

export type CloudSqlOptions = {
  /** Another endpoint than Google's, ending in `/`; null for Google's. */
  readonly rootUrl: string | null;
  /** `adc`: Application Default Credentials. `none`: the endpoint asks for none. */
  readonly auth: 'adc' | 'none';
  /** For one call of the port, all its pages, retries and the credentials counted. */
  readonly deadlineMs: number;
  /** How long a call that changes something may take at the most, asked right before it; no limit when left out. */
  readonly changeWithinMs?: () => number;
  /** Instances asked for in one page; at most 1,000, which is also what is asked for when it is left out. */
  readonly pageSize?: number;
};

const scopes = ['https://www.googleapis.com/auth/sqlservice.admin'];
/** A page holds at most 1,000 instances, as a project does. */
const instancesMax = 1000;
const pagesMax = 20;

/** With less time left a call is not begun. */
const changeMsMin = 50;

/** Only what reads is repeated, and not when there are too many calls already. */
const readRetries = {
  retryConfig: { retry: 2, noResponseRetries: 2, retryDelay: 200, statusCodesToRetry: [[500, 599]] },
};
const noRetries = { retry: false };

type CallOptions = (typeof readRetries | typeof noRetries) & { readonly signal: AbortSignal };
type Sent = (options: CallOptions) => Promise<{ readonly data: unknown }>;
type PageOf = { readonly project: string; readonly pageToken: string | null };
type Call = { readonly kind: CallKind; readonly what: string; readonly signal: AbortSignal };

/** The Admin API through Google's client. A changing call is sent once, whatever becomes of its answer. */
export class CloudSqlAdapter implements CloudSql {
  readonly #api: sqladmin_v1.Sqladmin;
  readonly #options: CloudSqlOptions;
  readonly #pages = new KnownPages();

  constructor(options: CloudSqlOptions) {
    this.#options = options;
    this.#api = sqladmin({
      version: 'v1',
      ...(options.rootUrl === null ? {} : { rootUrl: options.rootUrl }),
      ...(options.auth === 'none' ? {} : { auth: new auth.GoogleAuth({ scopes }) }),
    });
  }

  listInstances(project: string): Promise<CloudListing> {
    return this.#within('read', `instances.list of ${project}`, async (call) => {
      const pages: ReadPage[] = [];
      let pageToken: string | null = null;
      while (pages.length < pagesMax) {
        const page = await this.#readPage(call, pages.length, { project, pageToken });
        pages.push(page);
        pageToken = page.nextPageToken;
        if (pageToken === null) return this.#pages.join(project, pages);
      }
      const { instances, warnings } = this.#pages.join(project, pages);
      return { instances, isComplete: false, warnings: [...warnings, `more than ${pagesMax} pages`] };
    });
  }

  readOperation(project: string, operation: string): Promise<CloudOperation | null> {
    return this.#within('read', `operations.get of ${operation} in ${project}`, async (call) => {
      const answer = await send(call, (options) => this.#api.operations.get({ project, operation }, options));
      return 'refused' in answer ? null : parseOperation(answer.data);
    });
  }

  createReplica(request: ReplicaRequest): Promise<CreateOutcome> {
    const { project, name } = request;
    return this.#within('create', `instances.insert of ${name} in ${project}`, async (call) => {
      const requestBody = renderReplica(request);
      const answer = await send(call, (options) => this.#api.instances.insert({ project, requestBody }, options));
      if (!('refused' in answer)) return accepted(call, answer.data);
      return { outcome: answer.refused === 'nameTaken' ? 'nameTaken' : 'busy' };
    });
  }

  unprotect(project: string, instance: string, settingsVersion: string): Promise<ChangeOutcome> {
    const requestBody = { settings: { settingsVersion, deletionProtectionEnabled: false } };
    return this.#change(`instances.patch of ${instance} in ${project}`, (options) =>
      this.#api.instances.patch({ project, instance, requestBody }, options),
    );
  }

  relabel({ project, name, settingsVersion, labels }: RelabelRequest): Promise<ChangeOutcome> {
    // Google's types know texts only; a null takes a label away.
    const userLabels = labels as Record<string, string>;
    const requestBody = { settings: { settingsVersion, deletionProtectionEnabled: true, userLabels } };
    return this.#change(`instances.patch of ${name} in ${project}`, (options) =>
      this.#api.instances.patch({ project, instance: name, requestBody }, options),
    );
  }

  deleteInstance(project: string, instance: string): Promise<ChangeOutcome> {
    return this.#change(`instances.delete of ${instance} in ${project}`, (options) =>
      this.#api.instances.delete({ project, instance }, options),
    );
  }

  #change(what: string, sent: Sent): Promise<ChangeOutcome> {
    return this.#within('change', what, async (call) => {
      const answer = await send(call, sent);
      if (!('refused' in answer)) return accepted(call, answer.data);
      return { outcome: answer.refused === 'stale' ? 'stale' : 'busy' };
    });
  }

  /** Asks for what is read of a page, and for certificates only where it names one that is not known. */
  async #readPage(call: Call, index: number, from: PageOf): Promise<ReadPage> {
    const body = await this.#listPage(call, from, listedFields);
    const page = this.#pages.read(from.project, index, body);
    if (!page.lacksAuthority) return page;
    const authorities = parseAuthorities(parseBody(await this.#listPage(call, from, authorityFields)));
    return this.#pages.readWith(from.project, body, authorities);
  }

  async #listPage(call: Call, { project, pageToken }: PageOf, fields: string): Promise<Body> {
    const maxResults = this.#options.pageSize ?? instancesMax;
    const page = { project, maxResults, fields, ...(pageToken === null ? {} : { pageToken }) };
    let body: Body = { digest: '', chunks: [] };
    const answer = await send(call, (options) =>
      this.#api.instances.list(page, {
        ...options,
        adapter: async (request, fetchAnswer) => {
          // It comes as it was packed: what is the same again is never unpacked.
          const asSent = { ...request, responseType: 'stream' as const, compress: false };
          const response = await fetchAnswer(asSent);
          if (response.ok) body = await readBody(response.data as AsyncIterable<Uint8Array>);
          // A refusal is read by Google's client too, and it takes nothing that was not read this way.
          else response.data = parseBytes(await response.arrayBuffer()) as typeof response.data;
          return response;
        },
      }),
    );
    if (!('refused' in answer)) return body;
    throw new CoordinatorError('CLOUDSQL_INVALID', `Cloud SQL, ${call.what}: there is no such project`);
  }

  /** Does what a call of the port takes within its deadline, which ends with it: a timer that goes on keeps all of it. */
  async #within<T>(kind: CallKind, what: string, work: (call: Call) => Promise<T>): Promise<T> {
    const { deadlineMs, changeWithinMs } = this.#options;
    const withinMs = kind === 'read' ? deadlineMs : Math.min(deadlineMs, changeWithinMs?.() ?? deadlineMs);
    if (withinMs < changeMsMin) {
      throw new CoordinatorError('CLOUDSQL_UNAVAILABLE', `Cloud SQL, ${what}: not called, the lease is about to end`);
    }
    const deadline = new AbortController();
    const timer = setTimeout(() => {
      deadline.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    }, Math.floor(withinMs));
    try {
      return await work({ kind, what, signal: deadline.signal });
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * Sends a call under its deadline. The signal goes along, so that a call whose credentials arrive too late is not sent
 * at all; the client's own `timeout` is not used, because it would replace a signal that has gone off already.
 *
 * @throws {CoordinatorError} what the refusal means, if it is no answer of the port.
 */
async function send(call: Call, sent: Sent): Promise<{ readonly data: unknown } | { readonly refused: Refused }> {
  const options = call.kind === 'read' ? readRetries : noRetries;
  try {
    return await beforeAbort(call.signal, () => sent({ ...options, signal: call.signal }));
  } catch (error) {
    const meaning = meaningOf(error, call);
    if (typeof meaning === 'string') return { refused: meaning };
    throw meaning;
  }
}

function beforeAbort<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const expire = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) {
      expire();
      return;
    }
    signal.addEventListener('abort', expire, { once: true });
    void work()
      .then(resolve, reject)
      .finally(() => {
        signal.removeEventListener('abort', expire);
      });
  });
}

/** A changing call with an unreadable answer may well have been obeyed: it is a lost answer, not a refusal. */
function accepted(call: Call, data: unknown): { readonly outcome: 'accepted'; readonly operationName: string } {
  try {
    return { outcome: 'accepted', operationName: parseOperation(data).name };
  } catch (error) {
    throw new CoordinatorError('CLOUDSQL_UNAVAILABLE', `Cloud SQL, ${call.what}: the answer is unreadable`, {
      cause: error,
    });
  }
}
