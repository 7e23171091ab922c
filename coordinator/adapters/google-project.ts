import { GoogleAuth } from 'google-auth-library';
import { z } from 'zod';
import type { Finding, PrimaryFacts } from '../core/doctor.ts';
import type { GoogleProject } from '../ports.ts';
import { oneLine } from './cloudsql-failures.ts';

export type GoogleProjectOptions = {
  /** Another endpoint than Google's for both APIs, ending in `/`; it asks for no credentials. Null for Google's. */
  readonly rootUrl: string | null;
  /** For one call, credentials counted. */
  readonly deadlineMs: number;
};

const cloudSqlUrl = 'https://sqladmin.googleapis.com/';
const resourceManagerUrl = 'https://cloudresourcemanager.googleapis.com/';
const scopes = ['https://www.googleapis.com/auth/cloud-platform'];

const permissionsSchema = z.object({ permissions: z.array(z.string()).nullish() });

const flag = z.boolean().nullish();
const instanceSchema = z.object({
  state: z.string().nullish(),
  instanceType: z.string().nullish(),
  replicaNames: z.array(z.string()).nullish(),
  serverCaCert: z.object({ expirationTime: z.string().nullish() }).nullish(),
  settings: z
    .object({
      connectorEnforcement: z.string().nullish(),
      backupConfiguration: z.object({ enabled: flag, binaryLogEnabled: flag }).nullish(),
      ipConfiguration: z
        .object({
          privateNetwork: z.string().nullish(),
          ipv4Enabled: flag,
          sslMode: z.string().nullish(),
          pscConfig: z.object({ pscEnabled: flag }).nullish(),
        })
        .nullish(),
    })
    .nullish(),
});
type RawInstance = z.infer<typeof instanceSchema>;

/**
 * Asks Google what the doctor wants to know: both calls only read.
 *
 * @see https://cloud.google.com/resource-manager/reference/rest/v3/projects/testIamPermissions
 */
export class GoogleProjectAdapter implements GoogleProject {
  readonly #options: GoogleProjectOptions;
  readonly #auth: GoogleAuth | null;

  constructor(options: GoogleProjectOptions) {
    this.#options = options;
    this.#auth = options.rootUrl === null ? new GoogleAuth({ scopes }) : null;
  }

  testPermissions(project: string, permissions: readonly string[]): Promise<Finding<readonly string[]>> {
    const url = `${this.#options.rootUrl ?? resourceManagerUrl}v3/projects/${encodeURIComponent(project)}:testIamPermissions`;
    return this.#find(permissionsSchema, { url, method: 'POST', body: JSON.stringify({ permissions }) }, (answer) => [
      ...(answer.permissions ?? []),
    ]);
  }

  readPrimary(project: string, name: string): Promise<Finding<PrimaryFacts>> {
    const instance = `${encodeURIComponent(project)}/instances/${encodeURIComponent(name)}`;
    const url = `${this.#options.rootUrl ?? cloudSqlUrl}v1/projects/${instance}`;
    return this.#find(instanceSchema, { url, method: 'GET' }, primaryOf);
  }

  async #find<Raw, T>(
    schema: z.ZodType<Raw>,
    request: { readonly url: string; readonly method: string; readonly body?: string },
    read: (raw: Raw) => T,
  ): Promise<Finding<T>> {
    const { url, ...init } = request;
    try {
      const signal = AbortSignal.timeout(this.#options.deadlineMs);
      const token = await beforeAbort(signal, this.#auth?.getAccessToken());
      const headers = {
        'content-type': 'application/json',
        ...(token === null || token === undefined ? {} : { authorization: `Bearer ${token}` }),
      };
      const response = await fetch(url, { ...init, headers, signal, redirect: 'error' });
      if (!response.ok) return { ok: false, reason: `HTTP ${response.status} of ${new URL(url).host}` };
      const parsed = schema.safeParse(await response.json());
      return parsed.success ? { ok: true, value: read(parsed.data) } : { ok: false, reason: 'an unreadable answer' };
    } catch (error) {
      return { ok: false, reason: causeOf(error) };
    }
  }
}

function beforeAbort<T>(signal: AbortSignal, work: Promise<T> | undefined): Promise<T | undefined> {
  const expired = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
  expired.catch(() => undefined); // It may come after the answer.
  return Promise.race([work, expired]);
}

/** Names a failure without its text, in which credentials may stand. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause) return oneLine(String(cause.code));
  return error.message.startsWith('Could not load the default credentials')
    ? 'no default credentials were found'
    : 'the call failed';
}

function primaryOf({ state, instanceType, replicaNames, serverCaCert, settings }: RawInstance): PrimaryFacts {
  const backups = settings?.backupConfiguration;
  return {
    state: state ?? 'SQL_INSTANCE_STATE_UNSPECIFIED',
    instanceType: instanceType ?? 'SQL_INSTANCE_TYPE_UNSPECIFIED',
    hasBackups: backups?.enabled === true,
    hasBinaryLog: backups?.binaryLogEnabled === true,
    ...networkOf(settings?.ipConfiguration),
    requiresConnectors: settings?.connectorEnforcement === 'REQUIRED',
    replicas: replicaNames?.length ?? 0,
    certificateEndsAtMs: timeOf(serverCaCert?.expirationTime),
  };
}

function timeOf(text: string | null | undefined): number | null {
  const timeMs = Date.parse(text ?? '');
  return Number.isNaN(timeMs) ? null : timeMs;
}

type RawNetwork = NonNullable<RawInstance['settings']>['ipConfiguration'];

function networkOf(network: RawNetwork) {
  return {
    privateNetwork: network?.privateNetwork ?? null,
    hasPublicAddress: network?.ipv4Enabled === true,
    usesPrivateServiceConnect: network?.pscConfig?.pscEnabled === true,
    sslMode: network?.sslMode ?? null,
  };
}
