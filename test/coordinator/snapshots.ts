import { buildSnapshot, type PublishedSnapshot, type SnapshotInputs } from '../../coordinator/core/snapshot.ts';
import { contentHash } from '../../process/content-hash.ts';
import { serverCaOf } from '../fakes/fake-cloudsql.ts';
import { addressOfName, groupSpec, published } from './builders.ts';

/** Builds a snapshot of a plain group that differs in `change`. */
export function build(change: Partial<SnapshotInputs> = {}) {
  const previous = change.previous ?? null;
  return buildSnapshot({
    spec: groupSpec(),
    topology: { primaryAddress: '10.0.1.1', serverCa: null },
    users: [],
    clientCertificate: null,
    cordons: [],
    replicas: [],
    voters: [],
    nextRevision: (previous?.revision ?? 0) + 1,
    ...change,
    previous,
  });
}

/** Publishes as the publisher does: nothing new for equal content. */
export function publish(previous: PublishedSnapshot | null, change: Partial<SnapshotInputs>): PublishedSnapshot {
  const content = build({ ...change, previous });
  const hash = contentHash(content);
  if (previous?.hash === hash) return previous;
  return published({ ...content, revision: (previous?.revision ?? 0) + 1, hash });
}

export const rows = (snapshot: ReturnType<typeof build>) =>
  snapshot.servers.map(({ hostgroup, hostname, owned }) => `${hostgroup} ${hostname}${owned ? ' owned' : ''}`);
export const leavingOf = (snapshot: ReturnType<typeof build>) =>
  snapshot.leaving.map(({ hostname, port, sinceRevision }) => `${hostname}:${port} since ${sinceRevision}`);
export const absent = (name: string, revision: number) => ({ hostname: addressOfName(name), port: 3306, revision });

export const useSsl = { serverDefaults: { useSsl: true } };
export const topology = { primaryAddress: '10.0.1.1', serverCa: serverCaOf('primary') };
export const certificatesOf = ({ servers, parts }: ReturnType<typeof build>) => ({
  used: servers.map(({ hostgroup, hostname, caId }) => `${hostgroup} ${hostname} ${caId}`),
  sent: parts?.certificates.map(({ id }) => id),
});
