import { CliError } from '../errors.ts';
import { chesterKinds, type Entity } from './chester-entities.ts';

export type GoogleOptions = {
  /** Datastore's emulator as host:port; it asks for no credentials. Null: Google's. */
  readonly emulatorHost: string | null;
  /** Another Cloud KMS, for tests; null: Google's. */
  readonly kmsRootUrl: string | null;
  /** For one call. */
  readonly deadlineMs: number;
};

const pageSize = 300;
/** Chester's users had tens of databases. */
const pagesMax = 100;
const namespaceId = 'chester';

type Page = {
  readonly batch?: {
    readonly entityResults?: readonly { readonly entity: Entity }[];
    readonly endCursor?: string;
    readonly moreResults?: string;
  };
};

/** Reads from Google what Chester left there. Every call has a deadline; no error holds a token or an answer. */
export class ChesterInGoogle {
  readonly #options: GoogleOptions;
  #token: Promise<string> | null = null;

  constructor(options: GoogleOptions) {
    this.#options = options;
  }

  /** All configurations and metadata of a project. @see https://cloud.google.com/datastore/docs/reference/data/rest */
  async readEntities(project: string): Promise<readonly Entity[]> {
    const configurations = await this.#readKind(project, chesterKinds.config);
    return [...configurations, ...(await this.#readKind(project, chesterKinds.metaData))];
  }

  async #readKind(project: string, name: string): Promise<readonly Entity[]> {
    const entities: Entity[] = [];
    let cursor = '';
    for (let page = 0; page < pagesMax; page += 1) {
      const query = { kind: [{ name }], limit: pageSize, ...(cursor === '' ? {} : { startCursor: cursor }) };
      const partitionId = { projectId: project, namespaceId };
      const { batch = {} } = (await this.#post(this.#datastoreUrl(project), { partitionId, query })) as Page;
      const { entityResults: found = [], endCursor = '', moreResults } = batch;
      entities.push(...found.map(({ entity }) => entity));
      const isLast = moreResults === 'NO_MORE_RESULTS' || found.length === 0;
      if (isLast || endCursor === '' || endCursor === cursor) return entities;
      cursor = endCursor;
    }
    throw new CliError('FAILED', `more than ${pagesMax * pageSize} entities of kind ${name}`);
  }

  /** Decrypts what Chester kept. @see https://cloud.google.com/kms/docs/reference/rest */
  async decrypt(keyVersion: string, ciphertext: string): Promise<string> {
    const root = this.#options.kmsRootUrl ?? 'https://cloudkms.googleapis.com/';
    const standard = Buffer.from(ciphertext, 'base64url').toString('base64');
    const answer = (await this.#post(`${root}v1/${keyVersion}:asymmetricDecrypt`, { ciphertext: standard })) as {
      readonly plaintext?: string;
    };
    return Buffer.from(answer.plaintext ?? '', 'base64').toString();
  }

  #datastoreUrl(project: string): string {
    const { emulatorHost } = this.#options;
    const root = emulatorHost === null ? 'https://datastore.googleapis.com' : `http://${emulatorHost}`;
    return `${root}/v1/projects/${encodeURIComponent(project)}:runQuery`;
  }

  async #post(url: string, body: unknown): Promise<unknown> {
    const { host, pathname } = new URL(url);
    const signal = AbortSignal.timeout(this.#options.deadlineMs);
    try {
      const headers: Record<string, string> = { 'content-type': 'application/json' };
      if (host.endsWith('.googleapis.com')) headers['authorization'] = `Bearer ${await this.#accessToken()}`;
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        signal,
        redirect: 'error',
      });
      if (!response.ok) throw new CliError('FAILED', `${host}${pathname} answered ${response.status}`);
      return await response.json();
    } catch (error) {
      if (error instanceof CliError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new CliError('UNREACHABLE', `${host}${pathname}: ${why}`, { cause: error });
    }
  }

  #accessToken(): Promise<string> {
    this.#token ??= readAccessToken();
    return this.#token;
  }
}

async function readAccessToken(): Promise<string> {
  const { GoogleAuth } = await import('google-auth-library');
  const auth = new GoogleAuth({ scopes: ['https://www.googleapis.com/auth/cloud-platform'] });
  const token = await auth.getAccessToken();
  if (typeof token !== 'string')
    throw new CliError('FAILED', 'Google gave no access token: run `gcloud auth application-default login`');
  return token;
}
