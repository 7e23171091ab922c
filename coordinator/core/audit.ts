import type { Caller, Scope } from './access.ts';

/** One field that a change made another; null: it was not there. */
export type AuditedChange = { readonly field: string; readonly before: string | null; readonly after: string | null };

/** Who changed what, from where and why. No secret stands in it. */
export type AuditRecord = {
  readonly id: string;
  readonly atMs: number;
  /** Empty: nobody that is known here. */
  readonly who: string;
  /** How they proved it. */
  readonly proof: string;
  readonly source: string;
  readonly what: string;
  /** The groups it concerns; none: the installation. */
  readonly groups: readonly string[];
  readonly reason: string;
  /** As JSON, masked and shortened. */
  readonly request: string;
  /** `PENDING` until it is known; then `OK` or an error's code. */
  readonly outcome: string;
  readonly changes: readonly AuditedChange[];
  /** Refusals before this one that were too many to be kept. */
  readonly leftOut: number;
};

export type AuditedAct = {
  /** Null: nobody that is known here. */
  readonly caller: Caller | null;
  readonly source: string;
  /** The call, for example `PutGroup` or `PATCH /queryrules/:id`. */
  readonly what: string;
  /** What it concerns. */
  readonly scopes: readonly Scope[];
  /** Why, in the caller's words; empty: it was not said. */
  readonly reason: string;
  readonly request: unknown;
};

const hidden = '(hidden)';
const requestCharactersMax = 4000;
const valueCharactersMax = 200;
const changesMax = 200;
const depthMax = 20;
const groupsMax = 100;

/** Builds the record of an act as it begins. */
export function buildAuditRecord(
  act: AuditedAct,
  { id, atMs }: { readonly id: string; readonly atMs: number },
): AuditRecord {
  const { caller, source, what, reason, request } = act;
  return {
    id,
    atMs,
    who: caller?.name ?? '',
    proof: caller?.proof ?? '',
    source,
    what,
    groups: groupsOf(act),
    reason: shorten(reason, valueCharactersMax),
    request: shorten(JSON.stringify(maskSecrets(request)), requestCharactersMax),
    outcome: 'PENDING',
    changes: [],
    leftOut: 0,
  };
}

/** The groups that an act concerns, at most a hundred. */
export function groupsOf({ scopes }: Pick<AuditedAct, 'scopes'>): string[] {
  const names = scopes.flatMap((scope) => (scope.kind === 'group' ? [shorten(scope.group, 80)] : []));
  return [...new Set(names)].slice(0, groupsMax);
}

/** The fleets that a request names. */
export function fleetsOf({ what, request }: Pick<AuditedAct, 'what' | 'request'>): string[] {
  const { fleet, fleets, name } = asObject(request);
  const listed = Array.isArray(fleets) ? fleets.map((one) => asObject(one)['name']) : [];
  const names = [asObject(fleet)['name'], ...listed, what === 'DeleteFleet' ? name : undefined];
  return names.filter((one) => typeof one === 'string' && one !== '').slice(0, groupsMax) as string[];
}

/** Compares two states, field by field, at most two hundred of them. Secrets show only that they changed. */
export function diffStates(before: unknown, after: unknown): AuditedChange[] {
  const [old, now] = [flatten(before), flatten(after)];
  const fields = [...new Set([...old.keys(), ...now.keys()])].sort();
  return fields
    .filter((field) => old.get(field) !== now.get(field))
    .slice(0, changesMax)
    .map((field) => ({ field, before: shown(field, old.get(field)), after: shown(field, now.get(field)) }));
}

/** A copy without secrets: fields that are named like one, and texts that look like one. */
export function maskSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return looksSecret(value) ? hidden : value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (depth >= depthMax) return '(too deep)';
  if (ArrayBuffer.isView(value)) return hidden;
  if (Array.isArray(value)) return value.map((entry) => maskSecrets(entry, depth + 1));
  const entries = Object.entries(value).map(([field, one]): [string, unknown] => [
    field,
    isSecretField(field) && one !== '' && one !== null && one !== undefined ? hidden : maskSecrets(one, depth + 1),
  ]);
  return Object.fromEntries(entries);
}

/** `passwordSecret` holds a secret's name, which is none. */
function isSecretField(field: string): boolean {
  return /(?:password|passwd|password_?hash|token|authorization|credentials?|pem|key_?data|cert_?data|ca_?data|private_?key|^key|^cert|^value)$/i.test(
    field,
  );
}

/** Keys, hashes of passwords, tokens and URLs with a login, wherever they stand. */
function looksSecret(text: string): boolean {
  return /-----BEGIN|\*[0-9A-F]{40}|\$A\$\d{3}\$|\bcht_[A-Za-z0-9_-]{16}|\beyJ[A-Za-z0-9_-]{10,}\.|:\/\/[^/\s:@]+:[^/\s@]+@/.test(
    text,
  );
}

function flatten(value: unknown, path = '', into = new Map<string, string>(), depth = 0): Map<string, string> {
  if (typeof value === 'object' && value !== null && depth < depthMax) {
    for (const [field, one] of Object.entries(value)) {
      flatten(one, path === '' ? field : `${path}.${field}`, into, depth + 1);
    }
    return into;
  }
  if (value !== undefined && value !== null) into.set(path, typeof value === 'string' ? value : JSON.stringify(value));
  return into;
}

function shown(field: string, value: string | undefined): string | null {
  if (value === undefined) return null;
  const isHidden = field.split('.').some(isSecretField) || looksSecret(value);
  return isHidden ? hidden : shorten(value, valueCharactersMax);
}

function shorten(text: string, charactersMax: number): string {
  return text.length > charactersMax ? `${text.slice(0, charactersMax - 1)}…` : text;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
