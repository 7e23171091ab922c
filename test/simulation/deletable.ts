import type { CloudInstance } from '../../coordinator/core/cloud.ts';
import { install } from './coordinator-process.ts';

/** Why an instance that is listed so must not be deleted; null: it may. */
export function refuseByListing(listed: CloudInstance, group: string, primaries: readonly string[]): string | null {
  const { labels, instanceType, replicaNames } = listed;
  if (labels['chester-install'] !== install || labels['chester-group'] !== group) return 'its labels are not ours';
  const { primary } = listed;
  if (instanceType !== 'READ_REPLICA_INSTANCE' || primary === null || !primaries.includes(primary)) {
    return `it is no replica of ${primaries.join(' or ')}`;
  }
  if (labels['chester-primary'] !== primary) return `its labels do not name ${primary}`;
  return replicaNames.length > 0 ? 'it has replicas of its own' : null;
}
