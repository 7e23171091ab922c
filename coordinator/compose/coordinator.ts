import { systemClock } from '../../process/clock.ts';
import { contentHash } from '../../process/content-hash.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import { createMetrics } from '../../process/metrics.ts';
import { createCoordinatorMetrics } from '../adapters/metrics.ts';
import { ProxySecretsAdapter } from '../adapters/proxy-secrets.ts';
import { Secrets } from '../adapters/secrets.ts';
import { GroupAdmin } from '../api/group-admin.ts';
import type { GrpcServer } from '../api/grpc-server.ts';
import type { HttpServer } from '../api/http-server.ts';
import { ServerAdmin } from '../api/server-admin.ts';
import type { CoordinatorConfig } from '../config.ts';
import { FleetPublisher } from '../loops/fleet-publisher.ts';
import { HoldBoard } from '../loops/hold-board.ts';
import { Intake } from '../loops/intake.ts';
import { Publisher } from '../loops/publisher.ts';
import { upgradeRecords } from '../loops/record-upgrade.ts';
import { ResyncFollower } from '../loops/resync-follower.ts';
import { Retention } from '../loops/retention.ts';
import { SnapshotFollower } from '../loops/snapshot-follower.ts';
import { composeAccess } from './access.ts';
import { composeCells } from './cells.ts';
import { composeCloud } from './cloud.ts';
import { declare } from './declarations.ts';
import { composeDoctor } from './doctor.ts';
import { composeGrpc, composeHttp, composePull } from './fronts.ts';
import { composeLegacy } from './legacy.ts';
import { composeMonitoring } from './monitoring.ts';
import { composeNotifier } from './notifier.ts';
import { composeScaler } from './scaler.ts';
import { composeSecrets } from './secrets.ts';
import { openStore } from './store.ts';
import { composeRoster, composeStreams } from './streams.ts';
import { composeTerm } from './term.ts';

const retention = { setAsideBytesMax: 64 * 1024 * 1024, intervalMs: 600_000 };

/** What the process lends: its environment, its log, and a way to end it when it cannot go on. */
type Surroundings = {
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  readonly abandon: (reason: string) => void;
};

type Composition = { readonly components: readonly Component[]; readonly http: HttpServer; readonly grpc: GrpcServer };

/** Makes a coordinator: its components in the order in which they start. */
export function compose(config: CoordinatorConfig, { env, log, abandon }: Surroundings): Composition {
  const registry = createMetrics();
  const metrics = createCoordinatorMetrics(registry);
  const outside = new Secrets({ env, dir: config.secretsDir });
  const opened = openStore(config.store, { secrets: outside, log }, { firstLeaseAfterMs: config.control.leaseTtlMs });
  const { store, problem: storeProblem } = opened;
  const shared = { store, clock: systemClock, log, metrics };
  const { secrets, secretAdmin, vault } = composeSecrets(config.access, { ...shared, outside });
  const term = composeTerm(config, shared, opened);
  const roster = composeRoster({ ...shared, term });
  const access = composeAccess(config.access, { ...shared, registry });
  const streams = composeStreams(config, { ...shared, facts: roster, term, grpc: () => grpc }, access);
  const board = new HoldBoard();
  const publishing = { ...shared, term, hash: contentHash, fanout: streams };
  const proxySecrets = new ProxySecretsAdapter({ secrets });
  const publisher = new Publisher({ ...publishing, board, secrets: proxySecrets });
  const fleetPublisher = new FleetPublisher(publishing);
  const { cloudSql, cloud } = composeCloud(config, term);
  const {
    cells,
    warmth,
    view,
    components: cellParts,
  } = composeCells(config, { ...shared, term, registry, streams, roster, storeProblem, abandon }, opened);
  const loops = composeScaler(config, { ...shared, term, cells, warmth, board, secrets, cloudSql, cloud });
  const servers = new ServerAdmin({ ...shared, cloud, install: config.install });
  const admin = new GroupAdmin({ store, clock: systemClock, hash: contentHash });
  const intake = new Intake({ ...shared, hash: contentHash, resync: streams.resync.bind(streams) });
  const doctor = composeDoctor(config, { ...shared, secrets, proxySecrets, storeInspector: opened.inspector });
  const grpc: GrpcServer = composeGrpc(config, {
    ...{ store, clock: systemClock, log, admin, streams, doctor, cloud },
    ...{ hash: contentHash, secrets: proxySecrets, secretAdmin, install: config.install, access },
    ...view,
    ...{ facts: roster, servers, holds: board, incidents: intake },
  });
  const routes = composeLegacy(config.legacy, { ...shared, groups: admin, servers, cloud, vault, secrets, access });
  const http = composeHttp({ intake, registry, log, storeProblem, access, routes }, config);
  const components: Component[] = [
    opened.component,
    term,
    { name: 'upgrade', start: () => upgradeRecords({ store, log, hash: contentHash }), stop: () => undefined },
    ...cellParts,
    { name: 'declarations', start: () => declare(config, admin, log), stop: () => undefined },
    new SnapshotFollower({ ...shared, fanout: streams, facts: roster }),
    fleetPublisher,
    publisher,
    ...loops,
    ...access.components,
    grpc,
    streams,
    new ResyncFollower({ store, log, resync: streams.resync.bind(streams) }),
    http,
    new Retention({ ...shared, term }, { ...config, ...retention }),
    composeMonitoring(config, { ...shared, term, registry, board, streams }),
    composeNotifier(config, { ...shared, term, secrets, registry }),
    ...composePull(config, { ...shared, intake }),
  ];
  return { components, http, grpc };
}
