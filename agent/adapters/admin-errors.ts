import { AgentError, type AgentErrorCode } from '../errors.ts';

/** What mysql2 says about a failed call, as far as it says it. */
type Failure = { readonly code: string; readonly errno: number; readonly message: string };

const lostCodes = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'PROTOCOL_PACKETS_OUT_OF_ORDER',
]);
const timedOutCodes = new Set(['PROTOCOL_SEQUENCE_TIMEOUT', 'ETIMEDOUT']);
const refusesRow = /constraint failed|datatype mismatch/i;
const alreadyPaused = /is already paused, impossible to pause/;
const notPaused = /is not paused, impossible to resume/;
const loginRefused = /^ProxySQL Error: Access denied|can only connect locally/;

/**
 * Tells the outcomes of an admin call apart. Every error of ProxySQL's admin port is errno 1045, "access denied",
 * be it a constraint, a syntax error or a wrong password: only the text differs.
 */
export function translateAdminError(error: unknown, phase: 'connect' | 'statement'): AgentError {
  const failure = readFailure(error);
  return new AgentError(chooseCode(failure, phase), failure.message, { cause: error });
}

function chooseCode(failure: Failure, phase: 'connect' | 'statement'): AgentErrorCode {
  if (timedOutCodes.has(failure.code)) return phase === 'connect' ? 'ADMIN_UNREACHABLE' : 'ADMIN_TIMED_OUT';
  if (loginRefused.test(failure.message)) return 'ADMIN_LOGIN_REFUSED';
  if (phase === 'connect') return 'ADMIN_UNREACHABLE';
  if (lostCodes.has(failure.code) || failure.errno === 0) return 'ADMIN_CONNECTION_LOST';
  if (alreadyPaused.test(failure.message)) return 'ADMIN_ALREADY_PAUSED';
  if (notPaused.test(failure.message)) return 'ADMIN_NOT_PAUSED';
  return refusesRow.test(failure.message) ? 'ADMIN_ROW_REFUSED' : 'ADMIN_STATEMENT_FAILED';
}

function readFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: '', errno: 0, message: String(error) };
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    // The operating system's numbers are negative: those are of the connection, not of ProxySQL.
    errno: typeof errno === 'number' && errno > 0 ? errno : 0,
    message: error.message === '' ? (typeof code === 'string' ? code : error.name) : error.message,
  };
}
