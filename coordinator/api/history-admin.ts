import type { DiffSnapshotsRequest__Output } from '../../proto/gen/chester/v1/DiffSnapshotsRequest.ts';
import type { DiffSnapshotsResponse } from '../../proto/gen/chester/v1/DiffSnapshotsResponse.ts';
import type { HistoryEntry } from '../../proto/gen/chester/v1/HistoryEntry.ts';
import type { ListHistoryResponse } from '../../proto/gen/chester/v1/ListHistoryResponse.ts';
import type { RollbackRequest__Output } from '../../proto/gen/chester/v1/RollbackRequest.ts';
import type { Author, PastDeclaration, PastSnapshot } from '../core/history.ts';
import { prefixes } from '../core/records.ts';
import { diffFields, diffTables } from '../core/row-changes.ts';
import type { Store, Stored } from '../ports.ts';
import { type AdminFault, type AdminResult, invalid, notFound } from './admin-result.ts';
import type { GroupAdmin } from './group-admin.ts';
import { newestFirstKey, type PageRequest, pageOf, sortedBy } from './paging.ts';
import { readPast } from './past-declarations.ts';
import { renderField, renderRow } from './plan-admin.ts';

type HistoryDeps = { readonly store: Store; readonly admin: GroupAdmin };

/** What a group was, and how to have it again. */
export class HistoryAdmin {
  readonly #deps: HistoryDeps;

  constructor(deps: HistoryDeps) {
    this.#deps = deps;
  }

  async list(group: string, page: PageRequest): Promise<AdminResult<ListHistoryResponse>> {
    const [declarations, snapshots] = await this.#read(group);
    if (declarations.length === 0 && snapshots.length === 0) return notFound(group);
    const entries = [...declarations.map(renderDeclaration), ...snapshots.map(renderSnapshot)];
    const cut = pageOf(sortedBy(entries, keyOf), keyOf, page, [group]);
    if ('ok' in cut) return cut;
    return { ok: true, value: { entries: [...cut.items], nextPageToken: cut.nextPageToken } };
  }

  async diff({
    group,
    fromRevision,
    toRevision,
  }: DiffSnapshotsRequest__Output): Promise<AdminResult<DiffSnapshotsResponse>> {
    const [declarations, snapshots] = await this.#read(group);
    if (declarations.length === 0 && snapshots.length === 0) return notFound(group);
    const newest = snapshots.at(-1)?.revision ?? 0;
    const from = snapshots.find(({ revision }) => revision === fromRevision);
    const to = snapshots.find(({ revision }) => revision === (toRevision === 0 ? newest : toRevision));
    if (from === undefined) return noSuchRevision('fromRevision', fromRevision, snapshots);
    if (to === undefined) return noSuchRevision('toRevision', toRevision, snapshots);
    const specOf = ({ version }: PastSnapshot) => declarations.find((one) => one.revision === version)?.value.spec;
    const [before, after] = [specOf(from), specOf(to)];
    const fields = before === undefined || after === undefined ? [] : diffFields(before, after);
    const rows = diffTables(from.tables, to.tables).map(renderRow);
    return { ok: true, value: { rows, fields: fields.map(renderField), toRevision: to.revision } };
  }

  /** Declares a group as it was. Who asks for a snapshot gets the declaration that it was built from. */
  async rollBack(request: RollbackRequest__Output, author: Author): Promise<AdminResult<null>> {
    const { group, expectedVersion, owner, reason } = request;
    const [declarations, snapshots] = await this.#read(group);
    if (declarations.length === 0) return notFound(group);
    const wanted = findDeclaration(request, declarations, snapshots);
    if ('ok' in wanted) return wanted;
    const what = request.revision === 0 ? `version ${wanted.revision}` : `revision ${request.revision}`;
    const why = reason === '' ? author.reason : reason;
    const by = {
      who: author.who === '' ? owner : author.who,
      reason: `back to ${what}${why === '' ? '' : `: ${why}`}`,
    };
    const expected = expectedVersion === 0 ? null : expectedVersion;
    const result = await this.#deps.admin.rollBack(wanted.value.spec, expected, by);
    return result.ok ? { ok: true, value: null } : result;
  }

  async #read(group: string): Promise<[readonly Stored<PastDeclaration>[], readonly PastSnapshot[]]> {
    const { store } = this.#deps;
    const [declarations, snapshots] = await Promise.all([
      readPast(store, group),
      store.list(prefixes.pastSnapshots(group)),
    ]);
    return [declarations, snapshots.map(({ value }) => value)];
  }
}

function findDeclaration(
  { revision, version }: RollbackRequest__Output,
  declarations: readonly Stored<PastDeclaration>[],
  snapshots: readonly PastSnapshot[],
): Stored<PastDeclaration> | AdminFault {
  if ((revision === 0) === (version === 0)) {
    return invalid([{ field: 'revision', value: String(revision), allowed: 'one of revision and version' }]);
  }
  const snapshot = snapshots.find((one) => one.revision === revision);
  if (revision !== 0 && snapshot === undefined) return noSuchRevision('revision', revision, snapshots);
  const wanted = snapshot?.version ?? version;
  const found = declarations.find((one) => one.revision === wanted);
  if (found !== undefined) return found;
  const kept = declarations.map((one) => String(one.revision)).join(', ');
  if (snapshot === undefined) return invalid([{ field: 'version', value: String(version), allowed: `one of ${kept}` }]);
  const allowed = `a snapshot whose declaration is kept (versions ${kept}); this one was built from ${wanted}`;
  return invalid([{ field: 'revision', value: String(revision), allowed }]);
}

function noSuchRevision(field: string, revision: number, snapshots: readonly PastSnapshot[]): AdminFault {
  const kept = snapshots.map((one) => one.revision);
  const allowed = kept.length === 0 ? 'nothing: no snapshot is kept' : `a revision that is kept: ${kept.join(', ')}`;
  return invalid([{ field, value: String(revision), allowed }]);
}

function renderDeclaration(
  { value, revision }: Stored<PastDeclaration>,
  index: number,
  all: readonly Stored<PastDeclaration>[],
): HistoryEntry {
  const { atMs, change, who, reason } = value;
  const before = all[index - 1]?.value;
  const changed = before === undefined || change === 'CREATED' ? [] : diffFields(before.spec, value.spec);
  const fields = changed.map(({ field }) => field);
  const more = fields.length > fieldsShown ? ` and ${fields.length - fieldsShown} more` : '';
  const summary = change === 'DELETED' ? '' : fields.slice(0, fieldsShown).join(', ') + more;
  return { atMs, kind: 'declaration', version: revision, revision: 0, change, who, reason, summary };
}

const fieldsShown = 6;

function renderSnapshot({ committedAtMs: atMs, version, revision, summary }: PastSnapshot): HistoryEntry {
  return { atMs, kind: 'snapshot', version, revision, change: '', who: '', reason: '', summary };
}

/** The newest first; a declaration before the snapshots of the same moment that came of it. */
function keyOf({ atMs = 0, version = 0, revision = 0 }: HistoryEntry): string {
  return newestFirstKey(Number(atMs), newestFirstKey(Number(revision), newestFirstKey(Number(version), '')));
}
