import { matchesFilter, parseFilter } from './filter.ts';
import type { Instance } from './instance.ts';
import type { Json, JsonObject } from './json.ts';
import { type ModelState, replicasOf } from './model-state.ts';
import { cutPage, type Page, type PageRequest, pageSize } from './paging.ts';
import { renderInstance, renderOperation } from './render.ts';

export type ListQuery = PageRequest & { readonly filter?: string | undefined };
export type OperationQuery = PageRequest & { readonly instance?: string | undefined };

/** A list that is not complete: what it says, and which instances it leaves out. */
export type ListGap = { readonly warnings: readonly Json[]; readonly hiddenNames: readonly string[] };

/** More operations are not kept; places in the list have four digits, so that they sort as text. */
export const operationsKept = 1000;

/** Renders one instance with the replicas that have joined it. */
export function renderFamilyMember(state: ModelState, project: string, instance: Instance): JsonObject {
  const joined = replicasOf(state, instance.name).filter((replica) => replica.hasJoined);
  const names = joined.map((replica) => replica.name);
  return renderInstance(project, instance, names);
}

/** Answers instances.list; the list is by name. @throws {ApiError} 400 for a bad filter or page. */
export function listInstances(state: ModelState, project: string, query: ListQuery, gap: ListGap): JsonObject {
  const filter = parseFilter(query.filter ?? '');
  const found = [...state.instances.values()]
    .filter((instance) => !gap.hiddenNames.includes(instance.name))
    .map((instance) => ({ key: instance.name, resource: renderFamilyMember(state, project, instance) }))
    .filter(({ resource }) => matchesFilter(filter, resource))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const warnings = [...gap.warnings];
  if (pageSize(query).isCoerced) {
    warnings.push({ code: 'MAX_RESULTS_EXCEEDS_LIMIT', message: 'The limit of 1000 results per page was applied.' });
  }
  const page = cutPage(found, ({ key }) => key, query);
  return { kind: 'sql#instancesList', ...renderPage(page), ...(warnings.length > 0 ? { warnings } : {}) };
}

/** Answers operations.list, newest first, of one instance or of all. @throws {ApiError} 400 for a bad page. */
export function listOperations(state: ModelState, project: string, query: OperationQuery): JsonObject {
  const found = [...state.operations.values()]
    .map((operation, index) => ({ key: String(9 * operationsKept - index), operation }))
    .reverse()
    .filter(({ operation }) => query.instance === undefined || operation.targetId === query.instance)
    .map(({ key, operation }) => ({ key, resource: renderOperation(project, operation) }));
  return { kind: 'sql#operationsList', ...renderPage(cutPage(found, ({ key }) => key, query)) };
}

/** `items` and `nextPageToken` are absent rather than empty. */
function renderPage({ items, nextPageToken }: Page<{ readonly resource: JsonObject }>): JsonObject {
  return {
    ...(items.length > 0 ? { items: items.map(({ resource }) => resource) } : {}),
    ...(nextPageToken === null ? {} : { nextPageToken }),
  };
}
