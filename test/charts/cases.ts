import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { Case } from './chart.ts';
import { chartFolder } from './helm.ts';
import type { Json, JsonObject } from './manifests.ts';

export const everyApi = ['monitoring.coreos.com/v1', 'cert-manager.io/v1', 'cilium.io/v2', 'cloud.google.com/v1'];

const group: JsonObject = {
  fleet: 'main',
  project: 'shop-prod',
  primary: 'orders-primary',
  writerHostgroup: 5,
  readerHostgroup: 10,
  staticReaders: [{ hostname: '10.20.0.7', weight: 500 }],
  policy: {
    replicasMin: 1,
    replicasMax: 6,
    schedules: [{ name: 'sale', cron: '0 8 * * 5', durationSeconds: 7200, replicasMin: 3 }],
  },
  gate: { username: 'chester-gate', passwordSecret: 'gate' },
  users: [{ username: 'orders-app', passwordSecret: 'orders-app' }],
  ruleIds: { first: 100, last: 199 },
  queryRules: [{ username: 'orders-app', matchDigest: '^SELECT', destination: 'reader', apply: true }],
};

/** What every preset but the trial asks for. */
const needed: JsonObject = {
  webhook: { token: { existingSecret: 'chester-webhook' } },
  access: {
    identities: [
      { name: 'ann', email: 'ann@example.com', roles: [{ role: 'admin' }] },
      { name: 'pipeline', tokens: ['ab'.repeat(32)], roles: [{ role: 'operator', groups: ['orders'] }] },
    ],
    agents: [{ serviceAccount: 'proxies/*', fleets: ['*'] }],
  },
  agents: { token: { issuer: 'https://kubernetes.default.svc.cluster.local' } },
  secrets: { gate: { existingSecret: 'orders-gate', key: 'password' }, 'orders-app': { value: 'app-password' } },
  fleets: {
    main: {
      variables: { 'mysql-max_connections': 4000, 'mysql-query_digests_lowercase': true },
      proxysql: {
        enabled: true,
        replicas: 3,
        admin: { password: { existingSecret: 'proxysql-logins', key: 'admin' } },
        monitor: { password: { existingSecret: 'proxysql-logins', key: 'monitor' } },
      },
    },
    elsewhere: { cell: 'east' },
  },
  groups: { orders: group },
};

export const redis: JsonObject = {
  store: {
    kind: 'redis',
    redis: { url: 'rediss://10.1.2.3:6378', caSecret: 'redis-ca', password: { existingSecret: 'chester-redis' } },
  },
};

/** Presets as somebody would install them. */
export const presets: Readonly<Record<string, JsonObject>> = {
  trial: {},
  minimal: { preset: 'minimal', ...needed },
  ha: { preset: 'ha', ...needed, ...redis },
  'multi-cell': { preset: 'multi-cell', cell: 'west', ...needed, ...redis },
};

/** Everything that can be on at once. */
export const everything: JsonObject = merge(presets['ha'] ?? {}, {
  image: { registry: 'europe-docker.pkg.dev/p/chester', tag: '1.2.3', pullSecrets: [{ name: 'pull' }] },
  commonLabels: { team: 'data' },
  commonAnnotations: { 'example.com/owner': 'data' },
  serviceAccount: { googleServiceAccount: 'chester@p.iam.gserviceaccount.com', annotations: { a: 'b' } },
  rbac: { namespaces: ['proxies', 'shop'] },
  webhook: { username: 'monitoring', password: { value: 'webhook-password' } },
  encryption: { existingSecret: 'chester-keys' },
  pubsub: { subscription: 'projects/p/subscriptions/chester' },
  notifications: { slackSecret: 'slack', pubsubTopic: 'projects/p/topics/chester' },
  secrets: { slack: { external: true } },
  coordinator: pod({
    settings: { LOG_LEVEL: 'debug', LAG_INTERVAL_MS: 5000 },
    service: { grpcType: 'LoadBalancer', grpcLoadBalancerSourceRanges: ['10.0.0.0/8'] },
  }),
  injector: pod({ enabled: true, replicas: 3, excludeNamespaces: ['gke-system'] }),
  proxysql: pod({
    autoscaling: { enabled: true, minReplicas: 3, maxReplicas: 9, targetMemory: 80 },
    service: { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8'] },
    bootstrapVariables: { server_version: '8.0.36', max_connections: 100000, have_compress: true },
    agentSettings: { SAVE_TO_DISK: true },
  }),
  networkPolicy: {
    enabled: true,
    httpFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
    clientsFrom: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.9.0.0/16'] } }],
    cilium: { enabled: true, clusters: ['east', 'west'] },
  },
  globalService: { enabled: true },
  monitoring: { podMonitor: { namespaces: ['proxies'], labels: { release: 'prometheus' } } },
  ingress: {
    enabled: true,
    host: 'chester.example.com',
    tls: { clusterIssuer: 'letsencrypt' },
    iap: { enabled: true, oauthSecret: 'oauth' },
  },
  backup: pod({ enabled: true }),
  debug: pod({ enabled: true }),
  tests: pod({ group: 'orders' }),
});

function pod(more: JsonObject): JsonObject {
  return {
    resources: { requests: { cpu: 1, memory: '1Gi' }, limits: { memory: '2Gi' } },
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'data', effect: 'NoSchedule' }],
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 1,
            podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { a: 'b' } } },
          },
        ],
      },
    },
    topologySpreadConstraints: [
      {
        ...{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' },
        labelSelector: { matchLabels: { a: 'b' } },
      },
    ],
    priorityClassName: 'high',
    podLabels: { x: 'y' },
    podAnnotations: { p: 'q' },
    extraEnv: [{ name: 'TZ', value: 'UTC' }],
    extraVolumes: [{ name: 'extra', configMap: { name: 'extra' } }],
    extraVolumeMounts: [{ name: 'extra', mountPath: '/extra', readOnly: true }],
    ...more,
  };
}

/** Every `enabled` of values.yaml, each alone at false (or true), on what it belongs to. */
export function switchCases(): readonly Case[] {
  const values = parse(readFileSync(path.join(chartFolder, 'values.yaml'), 'utf8')) as JsonObject;
  return switchPaths(values, []).flatMap((switchPath) =>
    // What is on in `everything` is seen there.
    [true, false]
      .filter((isOn) => !isOn || !isOnAnyway(switchPath))
      .map((isOn) => ({
        name: `${switchPath.join('.')}=${isOn}`,
        values: merge(isOn ? (presets['ha'] ?? {}) : everything, nest(switchPath, isOn, needsOf(switchPath, isOn))),
        apiVersions: everyApi,
        isSchemaKnown: true,
      })),
  );
}

function isOnAnyway(switchPath: readonly string[]): boolean {
  const name = switchPath.join('.');
  const isOff = /^(?:sandbox|redis|coordinator\.persistence|proxysql\.enabled)/.test(name);
  return !isOff;
}

function switchPaths(value: Json, here: readonly string[]): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value as JsonObject).flatMap(([key, inner]) =>
    key === 'enabled' ? [[...here, key]] : switchPaths(inner, [...here, key]),
  );
}

const password: JsonObject = { value: 'secret' };

/** What a switch cannot do without. */
const needs: Readonly<Record<string, JsonObject>> = {
  'ingress.enabled=true': { ingress: { host: 'chester.example.com' } },
  'ingress.iap.enabled=true': { ingress: { enabled: true, host: 'a.example.com', iap: { oauthSecret: 'oauth' } } },
  'coordinator.enabled=false': {
    coordinator: { externalAddress: 'chester.west.example.com:8443' },
    tls: { source: 'existing', existingSecret: 'chester-ca' },
  },
  'redis.enabled=true': { store: { redis: { url: '' } } },
  'proxysql.enabled=true': {
    fleets: { elsewhere: { proxysql: { admin: { password }, monitor: { password } } } },
  },
};
const sandboxed: JsonObject = {
  preset: 'trial',
  coordinator: { replicas: 1 },
  store: { kind: 'embedded' },
  sandbox: { enabled: true },
};

function needsOf(switchPath: readonly string[], isOn: boolean): JsonObject {
  const name = switchPath.join('.');
  return needs[`${name}=${isOn}`] ?? (isOn && name.startsWith('sandbox.') ? sandboxed : {});
}

function nest(switchPath: readonly string[], value: Json, more: JsonObject): JsonObject {
  return merge(more, switchPath.reduceRight<Json>((inner, key) => ({ [key]: inner }), value) as JsonObject);
}

/** The second map over the first, at every depth. */
export function merge(under: JsonObject, over: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const before = result[key];
    result[key] = isMap(before) && isMap(value) ? merge(before, value) : value;
  }
  return result;
}

function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
