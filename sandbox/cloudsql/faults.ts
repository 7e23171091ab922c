import { type ApiError, apiErrorOfStatus } from './api-error.ts';
import { isJsonObject, type Json } from './json.ts';
import type { ListGap } from './listing.ts';
import { type OperationFault, type OperationType, operationTypes } from './operation.ts';

/** The calls of the Admin API that the emulator knows, as counted and as faults name them. */
export const callKinds = [
  'instances.list',
  'instances.get',
  'instances.insert',
  'instances.patch',
  'instances.update',
  'instances.delete',
  'instances.promoteReplica',
  'instances.switchover',
  'operations.get',
  'operations.list',
] as const;
export type CallKind = (typeof callKinds)[number];

/** Something that goes wrong on demand, `times` times (once when absent). */
export type Fault = { readonly times?: number } & (
  | {
      readonly kind: 'httpError';
      readonly call: CallKind;
      readonly status: number;
      readonly reason?: string;
      readonly message?: string;
      readonly retryAfterSeconds?: number;
    }
  /** The call is carried out, then the connection is cut instead of an answer. */
  | { readonly kind: 'dropAnswer'; readonly call: CallKind }
  /** The call is carried out, the answer comes late. */
  | { readonly kind: 'delayAnswer'; readonly call: CallKind; readonly delayMs: number }
  /** The operation is accepted and ends DONE with this error. */
  | {
      readonly kind: 'operationFails';
      readonly operationType: OperationType;
      readonly code: string;
      readonly message?: string;
    }
  /** The operation is accepted and stays RUNNING for ever. */
  | { readonly kind: 'operationHangs'; readonly operationType: OperationType }
  /** The operation is accepted and takes this long once it runs. */
  | { readonly kind: 'operationSlow'; readonly operationType: OperationType; readonly durationMs: number }
  /** The list carries a warning and may leave instances out. */
  | {
      readonly kind: 'listWarning';
      readonly code?: string;
      readonly message?: string;
      readonly region?: string;
      readonly hiddenNames?: readonly string[];
    }
);

type FaultOf<Kind extends Fault['kind']> = Extract<Fault, { readonly kind: Kind }>;

type FieldRule = { readonly isValid: (value: Json) => boolean; readonly allowed: string };

const rules = {
  call: oneOf(callKinds),
  operationType: oneOf(operationTypes),
  status: wholeNumber(400, 599),
  delayMs: wholeNumber(0, 600_000),
  durationMs: wholeNumber(0, 86_400_000),
  times: wholeNumber(1, 1_000_000),
  retryAfterSeconds: wholeNumber(0, 3600),
  code: { isValid: isText, allowed: 'a text' },
  message: { isValid: isText, allowed: 'a text' },
  reason: { isValid: isText, allowed: 'a text' },
  region: { isValid: isText, allowed: 'a text' },
  hiddenNames: { isValid: (value: Json) => Array.isArray(value) && value.every(isText), allowed: 'a list of names' },
} as const satisfies Record<string, FieldRule>;

/** What each kind of fault must carry besides `kind`. */
const required: Readonly<Record<Fault['kind'], readonly (keyof typeof rules)[]>> = {
  httpError: ['call', 'status'],
  dropAnswer: ['call'],
  delayAnswer: ['call', 'delayMs'],
  operationFails: ['operationType', 'code'],
  operationHangs: ['operationType'],
  operationSlow: ['operationType', 'durationMs'],
  listWarning: [],
};

/** Reads a fault from the body of a request. Returns a sentence when it is none. */
export function parseFault(body: unknown): Fault | string {
  if (!isJsonObject(body)) return 'a fault is an object';
  const kind = Object.keys(required).find((name) => name === body['kind']) as Fault['kind'] | undefined;
  if (kind === undefined) return `kind must be one of ${Object.keys(required).join(', ')}`;
  const missing = required[kind].filter((name) => body[name] === undefined);
  if (missing.length > 0) return `${kind} needs ${missing.join(', ')}`;
  for (const [name, rule] of Object.entries(rules)) {
    const value = body[name];
    if (value !== undefined && !rule.isValid(value)) return `${name} must be ${rule.allowed}`;
  }
  return body as unknown as Fault;
}

function oneOf(words: readonly string[]): FieldRule {
  return { isValid: (value) => words.some((word) => word === value), allowed: `one of ${words.join(', ')}` };
}

function wholeNumber(min: number, max: number): FieldRule {
  return {
    isValid: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
    allowed: `a whole number from ${min} to ${max}`,
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** The faults still to come, oldest first. */
export class FaultBook {
  #waiting: { readonly fault: Fault; timesLeft: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, timesLeft: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** What is still to come, with the times left. */
  pending(): Fault[] {
    return this.#waiting.map(({ fault, timesLeft }) => ({ ...fault, times: timesLeft }));
  }

  takeHttpError(call: CallKind): ApiError | null {
    const fault = this.#take('httpError', (found) => found.call === call);
    return fault === null ? null : apiErrorOfStatus(fault.status, fault);
  }

  takeDroppedAnswer(call: CallKind): boolean {
    return this.#take('dropAnswer', (found) => found.call === call) !== null;
  }

  takeDelayMs(call: CallKind): number {
    return this.#take('delayAnswer', (found) => found.call === call)?.delayMs ?? 0;
  }

  takeOperationFault(operationType: OperationType): OperationFault | null {
    const failure = this.#take('operationFails', (found) => found.operationType === operationType);
    if (failure !== null) {
      return { error: { code: failure.code, message: failure.message ?? 'An error was asked for.' } };
    }
    const slow = this.#take('operationSlow', (found) => found.operationType === operationType);
    if (slow !== null) return { durationMs: slow.durationMs };
    return this.#take('operationHangs', (found) => found.operationType === operationType) === null ? null : 'hangs';
  }

  takeListGap(): ListGap {
    const fault = this.#take('listWarning', () => true);
    if (fault === null) return { warnings: [], hiddenNames: [] };
    const warning = {
      code: fault.code ?? 'REGION_UNREACHABLE',
      message: fault.message ?? 'The list may be incomplete: a region could not be reached.',
      ...(fault.region === undefined ? {} : { region: fault.region }),
    };
    return { warnings: [warning], hiddenNames: fault.hiddenNames ?? [] };
  }

  #take<Kind extends Fault['kind']>(kind: Kind, fits: (fault: FaultOf<Kind>) => boolean): FaultOf<Kind> | null {
    for (const entry of this.#waiting) {
      if (entry.fault.kind !== kind) continue;
      const fault = entry.fault as FaultOf<Kind>;
      if (!fits(fault)) continue;
      entry.timesLeft -= 1;
      this.#waiting = this.#waiting.filter(({ timesLeft }) => timesLeft > 0);
      return fault;
    }
    return null;
  }
}
