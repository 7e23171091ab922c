import type { sqladmin_v1 } from 'googleapis/build/src/apis/sqladmin/index.js';

/** Which fields of an answer are wanted. Google's own types say which there are. */
type Wanted<T> = {
  readonly [Field in keyof T]?: NonNullable<T[Field]> extends readonly (infer Item)[]
    ? Wanted<Item> | true
    : Wanted<NonNullable<T[Field]>> | true;
};
type Listing = Wanted<sqladmin_v1.Schema$InstancesListResponse>;

const settings = {
  settingsVersion: true,
  tier: true,
  edition: true,
  activationPolicy: true,
  dataDiskSizeGb: true,
  dataDiskType: true,
  deletionProtectionEnabled: true,
  userLabels: true,
  databaseFlags: { name: true, value: true },
  ipConfiguration: {
    privateNetwork: true,
    allocatedIpRange: true,
    ipv4Enabled: true,
    pscConfig: { pscEnabled: true },
  },
  connectorEnforcement: true,
} as const;

/**
 * What is read of a listing. Certificates are known again by their fingerprints: they are half of what is left, and
 * change once in years.
 */
export const listedFields = renderFields({
  kind: true,
  nextPageToken: true,
  warnings: { code: true, message: true, region: true },
  items: {
    name: true,
    state: true,
    instanceType: true,
    databaseVersion: true,
    region: true,
    gceZone: true,
    masterInstanceName: true,
    replicaNames: true,
    replicaConfiguration: { failoverTarget: true },
    replicationCluster: { drReplica: true, failoverDrReplicaName: true },
    ipAddresses: { type: true, ipAddress: true },
    serverCaCert: { kind: true, sha1Fingerprint: true },
    settings,
  },
} satisfies Listing);

/** What is read of a listing where a fingerprint is not known. */
export const authorityFields = renderFields({
  kind: true,
  items: { name: true, serverCaCert: { sha1Fingerprint: true, cert: true } },
} satisfies Listing);

type Tree = { readonly [field: string]: Tree | true };

/** Renders `a,b(c,d)`. @see https://cloud.google.com/sql/docs/mysql/admin-api/performance#partial */
function renderFields(tree: Tree): string {
  return Object.entries(tree)
    .map(([field, below]) => (below === true ? field : `${field}(${renderFields(below)})`))
    .join(',');
}
