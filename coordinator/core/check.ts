/**
 * What the doctor says of one thing: how it is, what was found, and what to do about it. What could not be found out is
 * no "ok".
 */
export type Check = {
  readonly name: string;
  readonly status: CheckStatus;
  readonly found: string;
  /** What to do; empty when it is ok. */
  readonly advice: string;
};
export type CheckStatus = 'ok' | 'warn' | 'fail';

/** Nothing to do. */
export function ok(name: string, found: string): Check {
  return { name, status: 'ok', found, advice: '' };
}

/** It works, and may hurt one day, or could not be found out. */
export function warn(name: string, found: string, advice: string): Check {
  return { name, status: 'warn', found, advice };
}

/** It does not work. */
export function fail(name: string, found: string, advice: string): Check {
  return { name, status: 'fail', found, advice };
}
