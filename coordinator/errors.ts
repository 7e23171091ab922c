/**
 * What can go wrong outside, as codes. Made only in adapters and config; a table says which are worth a retry.
 */
export type CoordinatorErrorCode =
  | 'CLOUDSQL_UNAVAILABLE'
  | 'CLOUDSQL_RATE_LIMITED'
  | 'CLOUDSQL_FORBIDDEN'
  | 'CLOUDSQL_INVALID'
  | 'STORE_UNAVAILABLE'
  | 'STORE_IN_USE'
  | 'STORE_NOT_EMPTY'
  | 'BACKUP_UNUSABLE'
  | 'KUBERNETES_UNAVAILABLE'
  | 'SECRET_MISSING'
  | 'CONFIG_INVALID';

const retryable: Readonly<Record<CoordinatorErrorCode, boolean>> = {
  CLOUDSQL_UNAVAILABLE: true,
  CLOUDSQL_RATE_LIMITED: true,
  CLOUDSQL_FORBIDDEN: false,
  CLOUDSQL_INVALID: false,
  STORE_UNAVAILABLE: true,
  STORE_IN_USE: false,
  STORE_NOT_EMPTY: false,
  BACKUP_UNUSABLE: false,
  KUBERNETES_UNAVAILABLE: true,
  SECRET_MISSING: false,
  CONFIG_INVALID: false,
};

/** A failure of something outside the coordinator. */
export class CoordinatorError extends Error {
  readonly code: CoordinatorErrorCode;
  /** How long the other side asked to be left alone; null when it did not say. */
  readonly retryAfterMs: number | null;

  constructor(
    code: CoordinatorErrorCode,
    message: string,
    options?: { readonly cause?: unknown; readonly retryAfterMs?: number | null },
  ) {
    super(message, options);
    this.name = 'CoordinatorError';
    this.code = code;
    this.retryAfterMs = options?.retryAfterMs ?? null;
  }

  /** Whether the same call may succeed later without anybody's help. */
  get isRetryable(): boolean {
    return retryable[this.code];
  }
}
