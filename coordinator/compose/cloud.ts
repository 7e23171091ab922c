import { systemClock } from '../../process/clock.ts';
import { CloudSqlAdapter } from '../adapters/cloudsql.ts';
import type { CoordinatorConfig } from '../config.ts';
import { CloudPacer } from '../loops/cloud-pacer.ts';
import { CloudView } from '../loops/cloud-view.ts';
import type { TermKeeper } from '../loops/term-keeper.ts';
import type { CloudSql } from '../ports.ts';

/** Cloud SQL as loops call it, and what it answered last. */
export type Cloud = { readonly cloudSql: CloudSql; readonly cloud: CloudView };

/** Makes the client of Cloud SQL. */
export function composeCloud(config: CoordinatorConfig, term: TermKeeper): Cloud {
  const { cloudSqlRootUrl: rootUrl, cloudSqlDeadlineMs: deadlineMs } = config;
  // What another holder may undo must not begin after its term has: no changing call outlives the lease.
  const changeWithinMs = () => term.remainingMs;
  const adapter = new CloudSqlAdapter({ rootUrl, auth: rootUrl === null ? 'adc' : 'none', deadlineMs, changeWithinMs });
  const cloudSql = new CloudPacer({ cloudSql: adapter, clock: systemClock });
  return { cloudSql, cloud: new CloudView({ cloudSql, clock: systemClock }, config.pollIntervalMs) };
}
