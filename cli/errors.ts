/** Why a command ended without its answer: bad usage or input (2), or a call that failed (1). */
export type FailureCode = 'USAGE' | 'CALL_FAILED';

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
export const exitCodes: Readonly<Record<FailureCode, number>> = { USAGE: 2, CALL_FAILED: 1 };
