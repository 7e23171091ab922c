/**
 * What can go wrong outside, as codes. Made only in adapters and config; a table says which are worth a retry.
 */
export type AgentErrorCode =
  | 'ADMIN_UNREACHABLE'
  | 'ADMIN_LOGIN_REFUSED'
  | 'ADMIN_CONNECTION_LOST'
  | 'ADMIN_TIMED_OUT'
  | 'ADMIN_STATEMENT_FAILED'
  | 'ADMIN_ROW_REFUSED'
  | 'ADMIN_ALREADY_PAUSED'
  | 'ADMIN_NOT_PAUSED'
  | 'SNAPSHOT_FILE_FAILED'
  | 'TLS_FILE_FAILED'
  | 'HTTP_ADDRESS_UNAVAILABLE';

const retryable: Readonly<Record<AgentErrorCode, boolean>> = {
  ADMIN_UNREACHABLE: true,
  ADMIN_LOGIN_REFUSED: true,
  ADMIN_CONNECTION_LOST: true,
  ADMIN_TIMED_OUT: true,
  ADMIN_STATEMENT_FAILED: true,
  ADMIN_ROW_REFUSED: false,
  ADMIN_ALREADY_PAUSED: false,
  ADMIN_NOT_PAUSED: false,
  SNAPSHOT_FILE_FAILED: true,
  TLS_FILE_FAILED: true,
  HTTP_ADDRESS_UNAVAILABLE: false,
};

/** A failure of something outside the agent. */
export class AgentError extends Error {
  readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'AgentError';
    this.code = code;
  }

  /** Whether the same call may succeed later without anybody's help. */
  get isRetryable(): boolean {
    return retryable[this.code];
  }
}
