import { excerpt, type Problem, renderProblems } from '../core/problems.ts';

/** What an administrator's call came to. The servers map the codes to their own. */
export type AdminResult<T> = { readonly ok: true; readonly value: T } | AdminFault;

export type AdminFaultCode =
  'INVALID' | 'NOT_FOUND' | 'ALREADY_EXISTS' | 'CONFLICT' | 'PRECONDITION' | 'OUT_OF_RANGE' | 'TIMEOUT';

export type AdminFault = {
  readonly ok: false;
  readonly code: AdminFaultCode;
  /** For people: what is wrong, with what, and what is allowed. */
  readonly message: string;
  /** For programs, in capitals; the code when it is left out. */
  readonly reason?: string;
  /** The fields at fault. */
  readonly problems?: readonly Problem[];
  /** What it is about, for example `group` and its name. */
  readonly resource?: { readonly type: string; readonly name: string };
  /** The other group that the message names. */
  readonly otherGroup?: string;
};

/** Refuses a call because of fields, each named with its value and what is allowed. */
export function invalid(problems: readonly Problem[]): AdminFault & { readonly code: 'INVALID' } {
  return { ok: false, code: 'INVALID', message: renderProblems(problems), problems };
}

/** A refusal as somebody gets it who may not see every group: another group that is in the way has no name. */
export function concealOthers(fault: AdminFault, sees: (group: string) => boolean): AdminFault {
  const { problems, otherGroup } = fault;
  const hide = (text: string, group: string | undefined): string =>
    group === undefined || sees(group) ? text : text.replaceAll(`group ${group}`, 'another group');
  const hidden = hide(fault.message, otherGroup);
  if (problems === undefined) return { ...fault, message: hidden };
  const shown = problems.map((one) => ({ ...one, allowed: hide(one.allowed, one.otherGroup) }));
  const isSame = problems.every(({ allowed }, index) => allowed === shown[index]?.allowed);
  return isSame ? { ...fault, message: hidden } : { ...fault, problems: shown, message: renderProblems(shown) };
}

/** A group that is not declared. */
export function notFound(name: string): AdminFault & { readonly code: 'NOT_FOUND' } {
  return unknown('group', name, `group ${excerpt(name)} is not declared`);
}

/** Something else that is not known. */
export function unknown(
  type: string,
  name: string,
  message = `${type} ${excerpt(name)} is not known`,
): AdminFault & { readonly code: 'NOT_FOUND' } {
  return { ok: false, code: 'NOT_FOUND', message, resource: { type, name } };
}

/** Somebody else changed what was read: the caller may try again. */
export function conflict(message: string): AdminFault & { readonly code: 'CONFLICT' } {
  return { ok: false, code: 'CONFLICT', message };
}

/** What has to be so first is not so. */
export function precondition(message: string, reason?: string): AdminFault & { readonly code: 'PRECONDITION' } {
  return { ok: false, code: 'PRECONDITION', message, ...(reason === undefined ? {} : { reason }) };
}
