import { CoordinatorError, type CoordinatorErrorCode } from '../errors.ts';

/** What a call wants; the same refusal means something else to each. */
export type CallKind = 'read' | 'create' | 'change';

/** A refusal that is an answer of the port rather than an error. `absent` is one for reads. */
export type Refused = 'absent' | 'busy' | 'nameTaken' | 'stale';

type Row = {
  readonly calls: readonly CallKind[];
  readonly statuses: readonly number[];
  /** Any reason when left out. */
  readonly reasons?: readonly string[];
  readonly means: Refused | CoordinatorErrorCode;
};

const any: readonly CallKind[] = ['read', 'create', 'change'];

/**
 * What the Admin API's refusals mean; the first row that fits counts. A 409 of another reason than those named here is
 * taken for another operation in the way, as Terraform's provider does.
 *
 * @see https://cloud.google.com/sql/docs/mysql/admin-api-error-messages
 */
const meanings: readonly Row[] = [
  { calls: ['create'], statuses: [409], reasons: ['instanceAlreadyExists'], means: 'nameTaken' },
  { calls: ['create'], statuses: [400], reasons: ['errorInstanceNameConflict'], means: 'nameTaken' },
  { calls: any, statuses: [409, 429], reasons: ['errorMaxInstancePerLabel'], means: 'CLOUDSQL_FORBIDDEN' },
  { calls: ['create', 'change'], statuses: [409], means: 'busy' },
  { calls: ['change'], statuses: [404, 412], means: 'stale' },
  // Somebody switched the protection on again since it was read.
  { calls: ['change'], statuses: [400], reasons: ['errorProtectedInstanceDeletionFailure'], means: 'stale' },
  { calls: ['read'], statuses: [404], means: 'absent' },
  { calls: any, statuses: [429], means: 'CLOUDSQL_RATE_LIMITED' },
  {
    calls: any,
    statuses: [403],
    reasons: ['rateLimitExceeded', 'userRateLimitExceeded', 'quotaExceeded'],
    means: 'CLOUDSQL_RATE_LIMITED',
  },
  { calls: any, statuses: [401, 403], means: 'CLOUDSQL_FORBIDDEN' },
  { calls: any, statuses: [408], means: 'CLOUDSQL_UNAVAILABLE' },
];

/** Says what a failed call means: an answer of the port, or the error to throw. It never carries what was received. */
export function meaningOf(error: unknown, call: { readonly kind: CallKind; readonly what: string }): Refused | Error {
  const failure = readFailure(error);
  const said = failure.refusal;
  const text = `Cloud SQL, ${call.what}: ${describe(failure)}`;
  if (said === null) {
    const isForbidden = failure.status === 401 || failure.status === 403;
    return new CoordinatorError(isForbidden ? 'CLOUDSQL_FORBIDDEN' : 'CLOUDSQL_UNAVAILABLE', text);
  }
  const fits = meanings.find(
    ({ calls, statuses, reasons }) =>
      calls.includes(call.kind) &&
      statuses.includes(said.status) &&
      (reasons === undefined || reasons.includes(said.reason)),
  );
  const means = fits?.means ?? (said.status >= 500 ? 'CLOUDSQL_UNAVAILABLE' : 'CLOUDSQL_INVALID');
  switch (means) {
    case 'absent':
    case 'busy':
    case 'nameTaken':
    case 'stale':
      return means;
    default:
      return new CoordinatorError(means, text, { retryAfterMs: failure.retryAfterMs });
  }
}

/** Shortens what somebody else wrote to one line of at most 200 characters. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

type Failure = {
  /** The HTTP status; null when no answer came. */
  readonly status: number | null;
  /** The body, when it is the Admin API's own refusal and not some proxy's page. */
  readonly refusal: { readonly status: number; readonly reason: string; readonly message: string } | null;
  readonly cause: string;
  readonly retryAfterMs: number | null;
};

function readFailure(error: unknown): Failure {
  const response = fieldOf(error, 'response');
  const status = fieldOf(response, 'status');
  const body = fieldOf(fieldOf(response, 'data'), 'error');
  const message = fieldOf(body, 'message');
  const knownStatus = typeof status === 'number' ? status : null;
  const details = fieldOf(body, 'errors');
  const reason = Array.isArray(details) ? fieldOf(details[0], 'reason') : undefined;
  const isRefusal = knownStatus !== null && typeof fieldOf(body, 'code') === 'number' && typeof message === 'string';
  return {
    status: knownStatus,
    refusal: isRefusal ? { status: knownStatus, reason: typeof reason === 'string' ? reason : '', message } : null,
    cause: causeOf(error),
    retryAfterMs: retryAfterOf(response),
  };
}

function describe({ status, refusal, cause }: Failure): string {
  if (refusal !== null) return oneLine(`${refusal.status} ${refusal.reason}: ${refusal.message}`);
  return status === null ? `no answer (${cause})` : `HTTP ${status} that is not from the Admin API`;
}

/** Names a failure without its text, in which credentials or a whole page may stand. */
function causeOf(error: unknown): string {
  const code = fieldOf(error, 'code') ?? fieldOf(fieldOf(error, 'cause'), 'code');
  if (typeof code === 'string') return oneLine(code);
  const cause = fieldOf(error, 'cause');
  if (fieldOf(cause, 'name') === 'AbortError' || fieldOf(error, 'name') === 'TimeoutError') return 'deadline passed';
  const message = fieldOf(error, 'message');
  const isCredentials = typeof message === 'string' && message.startsWith('Could not load the default credentials');
  return isCredentials ? 'no default credentials were found' : 'connection failed';
}

/** The header Retry-After in seconds; one that is a date, or more than an hour, is not believed. */
function retryAfterOf(response: unknown): number | null {
  const headers = fieldOf(response, 'headers');
  const get = fieldOf(headers, 'get');
  const value: unknown = typeof get === 'function' ? get.call(headers, 'retry-after') : fieldOf(headers, 'retry-after');
  if (typeof value !== 'string' || !/^\d{1,4}$/.test(value)) return null;
  return Math.min(Number(value), 3600) * 1000;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
