import type { Fleet__Output } from '../../proto/gen/chester/v1/Fleet.ts';
import type { GroupSpec as WireSpec, GroupSpec__Output } from '../../proto/gen/chester/v1/GroupSpec.ts';
import type { GroupSpec } from '../core/group-spec.ts';

/** Turns a wire spec into what the parser takes: what was not set is not there. */
export function readSpec(spec: GroupSpec__Output | null): unknown {
  if (spec === null) return {};
  // A static server's port is 0 on the wire when nobody set it.
  const staticReaders = spec.staticReaders.map(({ port, ...server }) => (port === 0 ? server : { ...server, port }));
  return withoutUnset({ ...spec, staticReaders });
}

/** Turns a wire fleet into what the parser takes. An empty text is a value that a variable can have. */
export function readFleetSpec(fleet: Fleet__Output | null): unknown {
  return fleet === null ? {} : { ...withoutUnset(fleet), variables: fleet.variables };
}

/** Drops nulls, empty texts that nobody set, and the marks of optional fields, at every depth. */
export function withoutUnset(value: object): Record<string, unknown> {
  const given = value as Readonly<Record<string, unknown>>;
  const isSet = (name: string, field: unknown) => field !== '' || given[`_${name}`] === name;
  const entries = Object.entries(given)
    .filter(([name, field]) => !name.startsWith('_') && field !== null && field !== undefined && isSet(name, field))
    .map(([name, field]) => [name, cleaned(field)]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function cleaned(field: unknown): unknown {
  if (Array.isArray(field)) return field.map(cleaned);
  return typeof field === 'object' && field !== null ? withoutUnset(field) : field;
}

/** What a store gives is shared and never changed: a declaration that is looked at again was rendered before. */
const rendered = new WeakMap<GroupSpec, WireSpec>();

/** Renders a declaration for the wire; a field that was not declared is not set there. */
export function renderSpec(spec: GroupSpec): WireSpec {
  const known = rendered.get(spec);
  if (known !== undefined) return known;
  const wire = declared(spec) as WireSpec;
  if (Object.isFrozen(spec)) rendered.set(spec, wire);
  return wire;
}

function declared(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(declared);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries.map(([name, field]) => [name, declared(field)]));
}
