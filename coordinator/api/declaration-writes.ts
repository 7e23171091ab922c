import { settingsName } from '../core/fleet-settings.ts';
import type { FleetSpec, GroupSpec } from '../core/group-spec.ts';
import { keys, type NewEvent } from '../core/records.ts';
import type { Stored, Write } from '../ports.ts';

/** What a declaration comes to. */
export type FleetChange = Change<FleetSpec>;
export type GroupChange = Change<GroupSpec>;

type Change<T> = {
  readonly spec: T;
  readonly stored: Stored<T> | null;
  readonly change: 'create' | 'change' | 'none';
};

/** Stores a fleet as it was declared; the last one counts. */
export function fleetWrites({ spec, stored }: FleetChange): Write[] {
  return [{ key: keys.fleet(spec.name), value: spec, ifRevision: stored?.revision ?? 0 }];
}

export function fleetEvent(
  { name, cell, variables }: FleetSpec,
  change: FleetChange['change'],
  atMs: number,
): NewEvent {
  const reason = change === 'create' ? 'CREATED' : 'CHANGED';
  const message = `cell ${cell}, ${Object.keys(variables).length} variables`;
  return { atMs, group: settingsName(name), kind: 'FLEET', subject: name, reason, message };
}

/** A pause or a count that was held was meant for the group that is gone. */
export function dropOrders(name: string): Write[] {
  return [keys.pauses(name), keys.override(name), keys.writerOrder(name)].map((key) => ({
    key,
    value: null,
    ifRevision: null,
  }));
}
