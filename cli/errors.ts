/**
 * Why a command ended without its answer: called wrongly · the coordinator found the input bad · it refused ·
 * it could not be reached in time · anything else.
 */
export type FailureCode = 'USAGE' | 'INVALID' | 'REFUSED' | 'UNREACHABLE' | 'FAILED';

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
  REFUSED: 1,
  UNREACHABLE: 1,
  FAILED: 1,
};
