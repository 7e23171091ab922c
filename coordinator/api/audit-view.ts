import type { ListAuditRequest__Output } from '../../proto/gen/chester/v1/ListAuditRequest.ts';
import type { ListAuditResponse } from '../../proto/gen/chester/v1/ListAuditResponse.ts';
import { prefixes } from '../core/records.ts';
import type { Store } from '../ports.ts';
import type { AdminResult } from './admin-result.ts';
import { newestFirstKey, pageOf, sortedBy } from './paging.ts';

/** Who changed what, or was not let do it, the newest first. */
export async function listAudit(
  { store }: { readonly store: Store },
  { group, who, refused, ...page }: ListAuditRequest__Output,
): Promise<AdminResult<ListAuditResponse>> {
  const records = (await store.list(refused ? prefixes.auditRefusals : prefixes.audit)).map(({ value }) => value);
  const wanted = records.filter(
    (record) => (group === '' || record.groups.includes(group)) && (who === '' || record.who === who),
  );
  const keyOf = ({ atMs, id }: { readonly atMs: number; readonly id: string }) => newestFirstKey(atMs, id);
  const cut = pageOf(sortedBy(wanted, keyOf), keyOf, page, { group, who, refused });
  if ('ok' in cut) return cut;
  const entries = cut.items.map((record) => ({
    ...record,
    groups: [...record.groups],
    changes: record.changes.map(({ field, before, after }) => ({
      field,
      ...(before === null ? {} : { before }),
      ...(after === null ? {} : { after }),
    })),
  }));
  return { ok: true, value: { entries, nextPageToken: cut.nextPageToken } };
}
