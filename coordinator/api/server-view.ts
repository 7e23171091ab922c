import type { GroupServer } from '../../proto/gen/chester/v1/GroupServer.ts';
import type { LiveView } from '../../proto/gen/chester/v1/LiveView.ts';
import { type Cordon, isCordoned } from '../core/cordon.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import { keys, prefixes } from '../core/records.ts';
import { addressOf, type Replica } from '../core/replica.ts';
import type { Store } from '../ports.ts';

/** Reads what a group's proxies route to, and what is about to come or to go, each beside what Cloud SQL says of it. */
export async function readServers(store: Store, spec: GroupSpec, live: LiveView): Promise<GroupServer[]> {
  const [topology, replicas, cordons] = await Promise.all([
    store.get(keys.topology(spec.name)),
    store.list(prefixes.replicas(spec.name)),
    store.list(prefixes.cordons(spec.name)),
  ]);
  const orders = cordons.map(({ value }) => value);
  const listed = new Map((live.instances ?? []).map((instance) => [instance.name ?? '', instance]));
  const withLive = (server: GroupServer): GroupServer => ({
    ...server,
    live: listed.get(server.instance ?? '') ?? null,
  });
  return [
    withLive({
      ...{ instance: spec.primary, role: 'writer', kind: 'primary', port: spec.port, reason: '' },
      hostname: topology?.value.primaryAddress ?? '',
      state: topology === null ? 'unverified' : topology.value.isWithheld === true ? 'withheld' : 'serving',
    }),
    ...spec.staticReaders.map((server): GroupServer => renderStatic(server, orders)),
    ...replicas.map(({ value }) => withLive(renderReplica(value, spec.port, orders))),
  ];
}

function renderStatic({ hostname, port }: GroupSpec['staticReaders'][number], cordons: readonly Cordon[]): GroupServer {
  const order = cordons.find(({ server }) => server === `${hostname}:${port}`);
  const how = order === undefined ? { state: 'serving', reason: '' } : { state: 'cordoned', reason: order.reason };
  return { instance: '', hostname, port, role: 'reader', kind: 'static', ...how };
}

function renderReplica(replica: Replica, port: number, cordons: readonly Cordon[]): GroupServer {
  const { name: instance, state, reason } = replica;
  const isOut = state === 'serving' && isCordoned(cordons, replica);
  return {
    ...{ instance, port, reason, role: 'reader', kind: 'replica' },
    hostname: addressOf(replica) ?? '',
    state: isOut ? 'cordoned' : state,
  };
}
