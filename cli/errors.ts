/**
 * Why a command ended without its answer: called wrongly · the coordinator found the input bad · there is no such thing ·
 * somebody else was faster, or it is there already · the caller may not · it is not so in time · it is no longer kept · it refused ·
 * it could not be reached in time · anything else.
 */
export type FailureCode =
  | ('USAGE' | 'INVALID')
  | ('NOT_FOUND' | 'CONFLICT' | 'DENIED' | 'NOT_CONVERGED' | 'GONE')
  | ('REFUSED' | 'UNREACHABLE' | 'FAILED');

/** A failure that its message explains to the person at the terminal, in one line or one line a bad field. */
export class CliError extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CliError';
    this.code = code;
  }
}

/** What the process exits with. */
export const exitCodes: Readonly<Record<FailureCode, number>> = {
  USAGE: 2,
  INVALID: 2,
  NOT_FOUND: 3,
  CONFLICT: 4,
  DENIED: 5,
  NOT_CONVERGED: 6,
  GONE: 1,
  REFUSED: 1,
  UNREACHABLE: 1,
  FAILED: 1,
};
