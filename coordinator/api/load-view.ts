import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ListLoadRequest__Output } from '../../proto/gen/chester/v1/ListLoadRequest.ts';
import type { ListLoadResponse } from '../../proto/gen/chester/v1/ListLoadResponse.ts';
import type { LoadOfServer } from '../../proto/gen/chester/v1/LoadOfServer.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import { keys, prefixes } from '../core/records.ts';
import { addressOf } from '../core/replica.ts';
import type { Sees } from './admin-call.ts';
import { type AdminResult, notFound } from './admin-result.ts';
import type { AdminViewDeps } from './admin-view.ts';
import type { ReportedServer } from './agent-reports.ts';
import type { GroupAdmin } from './group-admin.ts';
import { pageOf, sortedBy } from './paging.ts';

type LoadDeps = AdminViewDeps & { readonly admin: GroupAdmin };

/** Agents whose reports are read in one turn of the event loop: they are bytes until somebody asks. */
const agentsPerTurn = 50;

/** One row of one fleet, over the proxies that report it. */
type Sum = {
  readonly fleet: string;
  readonly server: ReportedServer;
  readonly reports: ReportedServer[];
};

/** Sums up what connected agents report of their servers. */
export async function listLoad(
  deps: LoadDeps,
  { group, fleet, ...page }: ListLoadRequest__Output,
  sees: Sees,
): Promise<AdminResult<ListLoadResponse>> {
  const spec = group === '' ? null : await deps.store.get(keys.group(group));
  if (group !== '' && spec === null) return notFound(group);
  const wantedFleet = spec?.value.fleet ?? fleet;
  const agents = deps.agents().filter(({ identity }) => wantedFleet === '' || identity.fleet === wantedFleet);
  const sums = new Map<string, Sum>();
  for (const [index, { identity, reports }] of agents.entries()) {
    if (index % agentsPerTurn === agentsPerTurn - 1) await nextTurn();
    for (const server of reports.servers) {
      const id = `${identity.fleet} ${padded(server.hostgroup)} ${server.hostname}:${server.port}`;
      const known = sums.get(id);
      if (known === undefined) sums.set(id, { fleet: identity.fleet, server, reports: [server] });
      else known.reports.push(server);
    }
  }
  const owners = ownersOf((await deps.admin.list()).map(({ value }) => value));
  const all = sortedBy([...sums], ([id]) => id).map(([id, sum]) => ({ id, load: renderSum(sum, owners) }));
  const found = all.filter(({ load }) => sees(load.group ?? '') && (group === '' || load.group === group));
  const cut = pageOf(found, ({ id }) => id, page, [group, fleet]);
  if ('ok' in cut) return cut;
  const servers = await withInstances(
    deps,
    cut.items.map(({ load }) => load),
  );
  return { ok: true, value: { servers, nextPageToken: cut.nextPageToken, proxies: agents.length } };
}

type Owner = { readonly group: string; readonly role: string };

/** Whose a fleet's hostgroups are. */
function ownersOf(specs: readonly GroupSpec[]): ReadonlyMap<string, Owner> {
  return new Map(
    specs.flatMap(({ name: group, fleet, writerHostgroup, readerHostgroup }): [string, Owner][] => [
      [`${fleet} ${writerHostgroup}`, { group, role: 'writer' }],
      [`${fleet} ${readerHostgroup}`, { group, role: 'reader' }],
    ]),
  );
}

function renderSum({ fleet, server, reports }: Sum, owners: ReadonlyMap<string, Owner>): LoadOfServer {
  const { hostgroup, hostname, port } = server;
  const owner = owners.get(`${fleet} ${hostgroup}`) ?? { group: '', role: '' };
  const online = reports.filter(({ status }) => status === 'ONLINE').length;
  const lags = reports.flatMap(({ lagMs }) => lagMs ?? []);
  const latencies = reports.map(({ latencyMicros }) => latencyMicros);
  return {
    ...{ fleet, ...owner, hostgroup, hostname, port, instance: '', proxies: reports.length },
    ...{ online, offline: reports.length - online },
    connUsed: total(reports.map(({ connUsed }) => connUsed)),
    connFree: total(reports.map(({ connFree }) => connFree)),
    queriesPerSecond: total(reports.map(({ queriesPerSecond }) => queriesPerSecond)),
    latencyMicros: Math.round(total(latencies) / Math.max(1, latencies.length)),
    latencyMicrosMax: latencies.reduce((most, one) => Math.max(most, one), 0),
    connErr: total(reports.map(({ connErr }) => connErr)),
    ...(lags.length === 0 ? {} : { lagMsMax: lags.reduce((most, one) => Math.max(most, one), 0) }),
  };
}

/** Names the instances behind the addresses of a page. */
async function withInstances({ store }: LoadDeps, loads: readonly LoadOfServer[]): Promise<LoadOfServer[]> {
  const groups = [...new Set(loads.flatMap(({ group }) => (group === undefined || group === '' ? [] : [group])))];
  const names = new Map<string, string>();
  for (const group of groups) {
    const [spec, topology, replicas] = await Promise.all([
      store.get(keys.group(group)),
      store.get(keys.topology(group)),
      store.list(prefixes.replicas(group)),
    ]);
    if (topology !== null) names.set(`${group} ${topology.value.primaryAddress}`, spec?.value.primary ?? '');
    for (const { value } of replicas) names.set(`${group} ${addressOf(value) ?? ''}`, value.name);
  }
  return loads.map((load) => ({ ...load, instance: names.get(`${load.group ?? ''} ${load.hostname ?? ''}`) ?? '' }));
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}

function padded(hostgroup: number): string {
  return String(hostgroup).padStart(10, '0');
}
