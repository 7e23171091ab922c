import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../process/clock.ts';
import type { Logger } from '../../../process/log.ts';
import {
  type AuditedAct,
  type AuditRecord,
  buildAuditRecord,
  diffStates,
  fleetsOf,
  groupsOf,
} from '../../core/audit.ts';
import { keys, prefixes } from '../../core/records.ts';
import type { Store } from '../../ports.ts';
import type { AuditEntry, AuditTrail } from './audit.ts';

export type StoredAuditDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** Runs a turn after what the event loop has waiting; absent: at once. */
  readonly soon?: (turn: () => void) => void;
};

/** Outcomes that say that nothing was changed; those leave the trail of changes to the changes. */
const unchanged =
  /^(?:INVALID_ARGUMENT|NOT_FOUND|ALREADY_EXISTS|PERMISSION_DENIED|FAILED_PRECONDITION|ABORTED|OUT_OF_RANGE|UNAUTHENTICATED|RESOURCE_EXHAUSTED|UNIMPLEMENTED|4\d\d)$/;

/** A caller that is refused again and again must not push everything else out. */
const refusals = { burst: 20, everyMs: 200 };

/**
 * The audit trail in the store. A change is there before it is made, as PENDING; what was changed is seen by reading
 * the groups' and fleets' records before and after, whatever made the change.
 */
export class StoredAudit implements AuditTrail {
  readonly #deps: StoredAuditDeps;
  #room = refusals.burst;
  #roomAtMs: number;
  #leftOut = 0;

  constructor(deps: StoredAuditDeps) {
    this.#deps = deps;
    this.#roomAtMs = deps.clock.monotonicMs();
  }

  async begin(act: AuditedAct): Promise<AuditEntry> {
    const { store } = this.#deps;
    const record = this.#build(act);
    const key = keys.audit(record.id);
    const [before] = await Promise.all([
      this.#readState(act),
      store.commit({ writes: [{ key, value: record, ifRevision: 0 }] }),
    ]);
    return {
      finish: async (outcome) => {
        try {
          if (unchanged.test(outcome)) {
            await store.commit({ writes: [{ key, value: null, ifRevision: null }] });
            this.#keepRefusal({ ...record, outcome });
            return;
          }
          const changes = diffStates(before, await this.#readState(act));
          // A store that flushes in this thread would hold up what the act sends to the agents.
          const { soon } = this.#deps;
          if (soon !== undefined) await new Promise<void>(soon);
          await store.commit({ writes: [{ key, value: { ...record, outcome, changes }, ifRevision: null }] });
        } catch (error) {
          this.#deps.log.error({ audit: record.id, what: act.what, outcome, err: error }, 'audit entry stays pending');
        }
      },
    };
  }

  denied(act: AuditedAct, outcome: string): void {
    this.#keepRefusal({ ...this.#build(act), outcome });
  }

  #build(act: AuditedAct): AuditRecord {
    const atMs = this.#deps.clock.nowMs();
    const id = `${String(atMs).padStart(15, '0')}-${randomBytes(4).toString('hex')}`;
    return buildAuditRecord(act, { id, atMs });
  }

  #keepRefusal(record: AuditRecord): void {
    const nowMs = this.#deps.clock.monotonicMs();
    this.#room = Math.min(refusals.burst, this.#room + (nowMs - this.#roomAtMs) / refusals.everyMs);
    this.#roomAtMs = nowMs;
    if (this.#room < 1) {
      this.#leftOut += 1;
      return;
    }
    this.#room -= 1;
    const value = { ...record, leftOut: this.#leftOut };
    this.#leftOut = 0;
    this.#deps.store
      .commit({ writes: [{ key: keys.auditRefusal(record.id), value, ifRevision: 0 }] })
      .catch((error: unknown) => {
        this.#deps.log.warn({ audit: record.id, err: error }, 'a refusal was not kept');
      });
  }

  /** What administrators can change of the groups and fleets that the act names. */
  async #readState(act: AuditedAct): Promise<unknown> {
    const { store } = this.#deps;
    const valueOf = async <T>(key: Parameters<typeof store.get<T>>[0]) => (await store.get(key))?.value ?? null;
    const groups = groupsOf(act).map(async (group) => {
      const [spec, scaling, pause, override, writerOrder, cordons, replicas] = await Promise.all([
        valueOf(keys.group(group)),
        valueOf(keys.scaling(group)),
        valueOf(keys.pauses(group)),
        valueOf(keys.override(group)),
        valueOf(keys.writerOrder(group)),
        store.list(prefixes.cordons(group)),
        store.list(prefixes.replicas(group)),
      ]);
      const orders = Object.fromEntries(cordons.map(({ key, value }) => [key, value]));
      const states = Object.fromEntries(replicas.map(({ value }) => [value.name, value.state]));
      return [
        group,
        { spec, desired: scaling?.desired, pause, override, writerOrder, cordons: orders, replicas: states },
      ];
    });
    const fleets = fleetsOf(act).map(async (fleet) => [`fleet ${fleet}`, await valueOf(keys.fleet(fleet))]);
    return Object.fromEntries((await Promise.all([...groups, ...fleets])) as [string, unknown][]);
  }
}
