// The chart's values.schema.json: the shape of every value. Groups and the names of settings come from the programs.
const text = { type: 'string' };
const flag = { type: 'boolean' };
const auto = { type: ['boolean', 'string', 'null'], enum: [true, false, 'auto', null] };
const integer = (minimum, maximum = 2_147_483_647) => ({ type: 'integer', minimum, maximum });
const port = integer(1, 65_535);
const one = (...words) => ({ type: 'string', enum: words });
const list = (items, more = {}) => ({ type: 'array', items, ...more });
const map = (additionalProperties, names) => ({
  type: 'object',
  additionalProperties,
  ...(names === undefined ? {} : { propertyNames: names }),
});
const object = (properties, required = []) => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...(required.length === 0 ? {} : { required }),
});
/** What a preset decides: null, or the value. */
const preset = (schema) => ({
  ...schema,
  type: [schema.type, 'null'].flat(),
  ...(schema.enum === undefined ? {} : { enum: [...schema.enum, null] }),
});
const ref = (name) => ({ $ref: `#/$defs/${name}` });

const label = { type: 'string', pattern: '^[a-z][a-z0-9-]{0,62}$' };
const cidr = { type: 'string', pattern: '^[0-9A-Fa-f.:]+/[0-9]{1,3}$' };
const quantity = { type: ['string', 'number'], pattern: '^[0-9]+([.][0-9]+)?([numkMGTPE]|[KMGTPE]i)?$' };
const duration = { type: 'string', pattern: '^([0-9]+(ms|s|m|h))+$' };
const objectName = { type: 'string', pattern: '^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)?$' };
const texts = map(text);

/** Shapes of Kubernetes that a pod may be given. */
const kubernetes = {
  resources: object({
    requests: map(quantity),
    limits: map(quantity),
    claims: list(object({ name: text, request: text }, ['name'])),
  }),
  toleration: object({
    key: text,
    operator: one('Exists', 'Equal', 'Lt', 'Gt'),
    value: text,
    effect: one('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
    tolerationSeconds: integer(0),
  }),
  expression: object({ key: text, operator: text, values: list(text) }, ['key', 'operator']),
  labelSelector: object({ matchLabels: texts, matchExpressions: list(ref('expression')) }),
  nodeTerm: object({ matchExpressions: list(ref('expression')), matchFields: list(ref('expression')) }),
  podTerm: object(
    {
      labelSelector: ref('labelSelector'),
      namespaceSelector: ref('labelSelector'),
      namespaces: list(text),
      topologyKey: text,
      matchLabelKeys: list(text),
      mismatchLabelKeys: list(text),
    },
    ['topologyKey'],
  ),
  podAffinity: object({
    requiredDuringSchedulingIgnoredDuringExecution: list(ref('podTerm')),
    preferredDuringSchedulingIgnoredDuringExecution: list(
      object({ weight: integer(1, 100), podAffinityTerm: ref('podTerm') }, ['weight', 'podAffinityTerm']),
    ),
  }),
  affinity: object({
    nodeAffinity: object({
      requiredDuringSchedulingIgnoredDuringExecution: object({ nodeSelectorTerms: list(ref('nodeTerm')) }, [
        'nodeSelectorTerms',
      ]),
      preferredDuringSchedulingIgnoredDuringExecution: list(
        object({ weight: integer(1, 100), preference: ref('nodeTerm') }, ['weight', 'preference']),
      ),
    }),
    podAffinity: ref('podAffinity'),
    podAntiAffinity: ref('podAffinity'),
  }),
  spread: object(
    {
      maxSkew: integer(1),
      topologyKey: text,
      whenUnsatisfiable: one('DoNotSchedule', 'ScheduleAnyway'),
      labelSelector: ref('labelSelector'),
      minDomains: integer(1),
      matchLabelKeys: list(text),
      nodeAffinityPolicy: one('Honor', 'Ignore'),
      nodeTaintsPolicy: one('Honor', 'Ignore'),
    },
    ['maxSkew', 'topologyKey', 'whenUnsatisfiable'],
  ),
  keyRef: object({ name: text, key: text, optional: flag }, ['name', 'key']),
  env: object(
    {
      name: { type: 'string', pattern: '^[-._a-zA-Z][-._a-zA-Z0-9]*$' },
      value: text,
      valueFrom: object({
        secretKeyRef: ref('keyRef'),
        configMapKeyRef: ref('keyRef'),
        fieldRef: object({ fieldPath: text, apiVersion: text }, ['fieldPath']),
        resourceFieldRef: object({ resource: text, containerName: text, divisor: quantity }, ['resource']),
      }),
    },
    ['name'],
  ),
  mount: object(
    {
      name: text,
      mountPath: text,
      readOnly: flag,
      subPath: text,
      subPathExpr: text,
      mountPropagation: text,
      recursiveReadOnly: text,
    },
    ['name', 'mountPath'],
  ),
  keyPaths: list(object({ key: text, path: text, mode: integer(0, 511) }, ['key', 'path'])),
  volume: object(
    {
      name: text,
      secret: object({ secretName: text, items: ref('keyPaths'), defaultMode: integer(0, 511), optional: flag }),
      configMap: object({ name: text, items: ref('keyPaths'), defaultMode: integer(0, 511), optional: flag }),
      emptyDir: object({ medium: text, sizeLimit: quantity }),
      persistentVolumeClaim: object({ claimName: text, readOnly: flag }, ['claimName']),
      // Sources that drivers extend; Kubernetes itself checks them.
      projected: map(true),
      csi: map(true),
      ephemeral: map(true),
      nfs: map(true),
      downwardAPI: map(true),
    },
    ['name'],
  ),
  peer: object({
    podSelector: ref('labelSelector'),
    namespaceSelector: ref('labelSelector'),
    ipBlock: object({ cidr, except: list(cidr) }, ['cidr']),
  }),
  credential: object({ value: text, existingSecret: objectName, key: text }),
};

const pod = {
  resources: ref('resources'),
  nodeSelector: texts,
  tolerations: list(ref('toleration')),
  affinity: ref('affinity'),
  topologySpreadConstraints: list(ref('spread')),
  priorityClassName: text,
  podLabels: texts,
  podAnnotations: texts,
  extraEnv: list(ref('env')),
  extraVolumes: list(ref('volume')),
  extraVolumeMounts: list(ref('mount')),
};

const scalar = { type: ['string', 'number', 'boolean'] };
/** Variables of a program by their names, without those that the chart sets itself. */
const settings = (names, taken) =>
  object(Object.fromEntries(names.filter((name) => !taken.includes(name)).map((name) => [name, scalar])));

/** Variables that the chart sets from other values; `settings` takes the rest. */
export const taken = {
  coordinator: [
    ...['COORDINATOR_ID', 'INSTALL_ID', 'LISTEN_HOST', 'INSECURE_LISTEN', 'HTTP_PORT', 'GRPC_PORT', 'CONFIG_FILE'],
    ...['SECRETS_DIR', 'STATE_FILE', 'WEBHOOK_TOKEN', 'WEBHOOK_USERNAME', 'WEBHOOK_PASSWORD', 'CLOUDSQL_ROOT_URL'],
    ...['PUBSUB_SUBSCRIPTION', 'NOTIFY_SLACK_SECRET', 'NOTIFY_WEBHOOK_SECRET', 'NOTIFY_PUBSUB_TOPIC', 'KEEP_DAYS'],
    ...['EVENTS_MAX', 'INCIDENTS_MAX', 'SET_ASIDE_MAX', 'CELL', 'REDIS_URL', 'REDIS_PASSWORD_SECRET', 'REDIS_TLS_CA'],
    ...['REDIS_SENTINEL_PASSWORD_SECRET', 'ACCESS_FILE', 'TLS_CERT_FILE', 'TLS_KEY_FILE', 'TLS_CLIENT_CA_FILE'],
    ...['HTTP_TLS', 'INSECURE_HTTP', 'IAP_AUDIENCE', 'AGENT_TOKEN_AUDIENCE', 'AGENT_TOKEN_ISSUER', 'AGENT_TOKEN_KEYS'],
    ...['AGENT_TOKEN_KEYS_CA_FILE', 'AGENT_TOKEN_KEYS_TOKEN_FILE', 'SECRET_KEY_FILE', 'POD_NAMESPACES'],
  ],
  agent: [
    ...['AGENT_ID', 'POD_UID', 'COORDINATOR_ADDRESS', 'CHESTER_FLEET', 'CELL', 'PROXYSQL_ADMIN_USER'],
    ...['PROXYSQL_ADMIN_PASSWORD', 'PROXYSQL_ADMIN_PASSWORD_FILE', 'STATE_DIR', 'TLS_DIR', 'HTTP_HOST', 'HTTP_PORT'],
    ...['DRAIN_TOKEN', 'DRAIN_TOKEN_FILE', 'DRAIN_ENDPOINTS_MS', 'DRAIN_DEADLINE_MS', 'COORDINATOR_CA_FILE'],
    ...['COORDINATOR_CERT_FILE', 'COORDINATOR_KEY_FILE', 'COORDINATOR_TOKEN_FILE', 'COORDINATOR_TLS'],
  ],
  injector: [
    ...['AGENT_IMAGE', 'AGENT_IMAGE_PULL_POLICY', 'AGENT_IMAGE_PULL_SECRETS', 'AGENT_RESOURCES', 'COORDINATOR_ADDRESS'],
    ...['CELL', 'ADMIN_SECRET', 'ADMIN_SECRET_USER_KEY', 'ADMIN_SECRET_PASSWORD_KEY', 'COORDINATOR_CA_FILE'],
    ...['TOKEN_AUDIENCE', 'TOKEN_EXPIRY_SECONDS', 'WEBHOOK_PORT', 'HTTP_PORT', 'LISTEN_HOST', 'TLS_CERT_FILE'],
    ...['TLS_KEY_FILE', 'CERTIFICATE_SECRET', 'POD_NAMESPACE', 'WEBHOOK_CONFIGURATION', 'WEBHOOK_NAMES'],
  ],
};

function image() {
  return object({
    ...{ registry: text, repository: text, agentRepository: text, tag: text, digest: text, agentDigest: text },
    pullPolicy: one('Always', 'IfNotPresent', 'Never'),
    pullSecrets: list(object({ name: text }, ['name'])),
  });
}

function coordinator(program) {
  return object({
    enabled: flag,
    externalAddress: text,
    replicas: preset(integer(1, 20)),
    settings: settings(program.coordinator, taken.coordinator),
    persistence: object({
      ...{ enabled: preset(flag), size: quantity, storageClass: text, existingClaim: objectName },
      keepOnUninstall: preset(flag),
    }),
    podDisruptionBudget: object({ enabled: preset(flag), maxUnavailable: integer(1) }),
    topologySpread: object({ enabled: preset(flag), whenUnsatisfiable: one('ScheduleAnyway', 'DoNotSchedule') }),
    service: object({
      ...{ httpPort: port, grpcPort: port, httpAnnotations: texts, grpcAnnotations: texts },
      grpcType: one('ClusterIP', 'LoadBalancer'),
      grpcLoadBalancerSourceRanges: list(cidr),
    }),
    terminationGracePeriodSeconds: integer(1, 3600),
    ...pod,
  });
}

function injector(program) {
  return object({
    enabled: preset(flag),
    replicas: integer(1, 20),
    scope: one('marked', 'all'),
    excludeNamespaces: list(text),
    failurePolicy: one('Ignore', 'Fail'),
    timeoutSeconds: integer(1, 30),
    adminSecret: objectName,
    adminSecretUserKey: text,
    adminSecretPasswordKey: text,
    agentResources: ref('resources'),
    settings: settings(program.injector, taken.injector),
    certificate: object({
      source: one('auto', 'cert-manager', 'existing', 'own'),
      existingSecret: objectName,
      caBundle: text,
    }),
    podDisruptionBudget: object({ enabled: flag, maxUnavailable: integer(1) }),
    ...pod,
  });
}

function proxysql(program) {
  const login = object({
    username: { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,32}$' },
    password: ref('credential'),
  });
  return object({
    enabled: flag,
    image: text,
    replicas: integer(0, 1000),
    partition: integer(0),
    autoscaling: object({
      ...{ enabled: flag, minReplicas: integer(1, 1000), maxReplicas: integer(1, 1000) },
      ...{
        targetCPU: integer(0, 1000),
        targetMemory: integer(0, 1000),
        scaleDownStabilisationSeconds: integer(0, 3600),
      },
    }),
    service: object({
      ...{ type: one('ClusterIP', 'LoadBalancer', 'NodePort'), port, annotations: texts },
      loadBalancerSourceRanges: list(cidr),
    }),
    admin: {
      ...login,
      properties: {
        ...login.properties,
        username: { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,32}$', not: { const: 'admin' } },
      },
    },
    monitor: login,
    interfaces: { type: 'string', pattern: '^[^";\\s]*:[0-9]{1,5}(;[^";\\s]*(:[0-9]{1,5})?)*$' },
    threads: integer(1, 128),
    bootstrapVariables: map(scalar, {
      pattern: '^[a-z0-9_]+$',
      not: { enum: ['interfaces', 'threads', 'monitor_username', 'monitor_password'] },
    }),
    persistence: object({ enabled: flag, size: quantity, storageClass: text }),
    drain: object({ endpointsMs: integer(0, 600_000), deadlineMs: integer(0, 86_400_000) }),
    podDisruptionBudget: object({ enabled: flag, maxUnavailable: integer(1) }),
    spread: one('ScheduleAnyway', 'DoNotSchedule', 'none'),
    ...pod,
    agentResources: ref('resources'),
    agentSettings: settings(program.agent, taken.agent),
  });
}

function monitoring() {
  const part = (more) => object({ enabled: auto, labels: texts, ...more });
  return object({
    serviceMonitor: part({ interval: duration }),
    podMonitor: part({ interval: duration, namespaces: list(text) }),
    rules: part({}),
    dashboards: object({ enabled: preset(flag), labels: texts, annotations: texts }),
  });
}

function network() {
  const peers = list(ref('peer'));
  return object({
    enabled: preset(flag),
    ...{ httpFrom: peers, grpcFrom: peers, clientsFrom: peers },
    ...{
      databaseCidrs: list(cidr),
      databasePort: port,
      googleCidrs: list(cidr),
      redisCidrs: list(cidr),
      redisPort: port,
    },
    cilium: object({ enabled: preset(flag), clusters: list(text) }),
  });
}

/** Says the same without what Go's regular expressions lack: looking ahead, and repeating more than 1000 times. */
function inGo(node) {
  if (Array.isArray(node)) return node.map(inGo);
  if (typeof node !== 'object' || node === null) return node;
  const { pattern, ...others } = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, inGo(value)]));
  if (typeof pattern !== 'string') return pattern === undefined ? others : { ...others, pattern };
  const [, refused, rest] = /^\^\(\?!(\w+)\)(.*)$/.exec(pattern) ?? [];
  if (refused !== undefined) return { ...others, pattern: `^${rest}`, not: { pattern: `^${refused}` } };
  const [, least, most] = /^\^\[\^\\0\]\{(\d+),(\d{4,})\}\$$/.exec(pattern) ?? [];
  if (most !== undefined) return { ...others, minLength: Number(least), maxLength: Number(most) };
  if (/\(\?[!=<]|,\d{4,}\}/.test(pattern))
    throw new Error(`Go cannot read the pattern ${pattern}: teach inGo() to say it`);
  return { ...others, pattern };
}

/** A group as the coordinator takes it, but for its name, which is its key here. */
function group(program) {
  const { properties, required, ...shape } = program.group;
  const { name: _, ...others } = properties;
  delete shape.$schema;
  return inGo({ ...shape, properties: others, required: required.filter((field) => field !== 'name') });
}

/** The lists of the access file, as the coordinator takes them. */
function access(program) {
  const { identities, groups, agents } = inGo(program.access).properties;
  return object({
    ...{ token: ref('credential'), identities, groups, agents },
    ...{ existingSecret: objectName, iapAudience: text },
  });
}

function redisStore() {
  const url = { type: 'string', pattern: '^(rediss?(\\+sentinel)?://([^:@/\\s]+@)?[^@/\\s]+(/[^/\\s]*)*)?$' };
  return object({ url, sentinelPasswordSecret: text, caSecret: objectName, password: ref('credential') });
}

/** Builds the schema. */
export function buildSchema(program) {
  const selection = { include: list(text), exclude: list(text), from: integer(0), to: integer(0) };
  const credential = ref('credential');
  const properties = {
    global: { type: 'object', description: 'Values of a parent chart; not looked at.' },
    preset: one('trial', 'minimal', 'ha', 'multi-cell'),
    nameOverride: { type: 'string', pattern: '^([a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?)?$' },
    fullnameOverride: { type: 'string', pattern: '^([a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?)?$' },
    commonLabels: texts,
    commonAnnotations: texts,
    installId: { type: 'string', pattern: '^([a-z][a-z0-9-]{0,62})?$' },
    cell: label,
    clusterDomain: { type: 'string', pattern: '^[a-z0-9.-]+$' },
    image: image(),
    serviceAccount: object({
      ...{ create: flag, name: objectName, agentName: objectName, injectorName: objectName },
      ...{ annotations: texts, googleServiceAccount: text },
    }),
    rbac: object({ enabled: flag, namespaces: list(text) }),
    secrets: map(object({ value: text, existingSecret: objectName, key: text, external: flag }), label),
    encryption: object({ existingSecret: objectName, key: text }),
    webhook: object({
      token: credential,
      username: { type: 'string', pattern: '^([^:\\s]{1,64})?$' },
      password: credential,
    }),
    pubsub: object({
      subscription: { type: 'string', pattern: '^(projects/[^/]+/subscriptions/[A-Za-z][A-Za-z0-9._~+%-]{2,254})?$' },
    }),
    notifications: object({
      ...{ slackSecret: text, webhookSecret: text },
      pubsubTopic: { type: 'string', pattern: '^(projects/[^/]+/topics/[A-Za-z][A-Za-z0-9._~+%-]{2,254})?$' },
    }),
    retention: object({
      ...{ keepDays: integer(1, 3650), eventsMax: integer(100, 10_000_000) },
      ...{ incidentsMax: integer(100, 1_000_000), setAsideMax: integer(10, 100_000) },
    }),
    coordinator: coordinator(program),
    tls: object({
      source: one('auto', 'cert-manager', 'existing', 'generated'),
      ...{ existingSecret: objectName, isPublic: flag, issuer: text, issuerKind: one('Issuer', 'ClusterIssuer') },
      ...{ extraNames: list({ type: 'string', pattern: '^[A-Za-z0-9*.:-]{1,253}$' }), http: flag },
    }),
    access: access(program),
    agents: object({
      identity: preset(one('token', 'certificate')),
      certificate: object({ existingSecret: objectName }),
      token: object({ audience: { type: 'string', minLength: 1 }, issuer: text, expirySeconds: integer(600, 86_400) }),
    }),
    cloudsql: object({ rootUrl: { type: 'string', pattern: '^(https?://[^\\s?#]+/)?$' } }),
    sandbox: object({ enabled: preset(flag), proxysql: object({ enabled: flag }), resources: ref('resources') }),
    store: object({ kind: preset(one('embedded', 'redis')), redis: redisStore() }),
    redis: object({
      ...{ enabled: preset(flag), image: text },
      persistence: object({ enabled: flag, size: quantity, storageClass: text }),
      ...pod,
    }),
    fleets: map(
      object({ cell: label, variables: map(scalar, { pattern: '^mysql-' }), proxysql: proxysql(program) }),
      label,
    ),
    groups: map(ref('group'), label),
    rollout: object({ groups: object(selection), fleets: object({ ...selection, allowRemoval: flag }) }),
    proxysql: proxysql(program),
    injector: injector(program),
    networkPolicy: network(),
    globalService: object({ enabled: preset(flag), affinity: one('local', 'remote', 'none') }),
    monitoring: monitoring(),
    ingress: object({
      ...{
        enabled: flag,
        className: text,
        annotations: texts,
        host: text,
        paths: list({ type: 'string', pattern: '^/' }, { minItems: 1 }),
      },
      tls: object({ enabled: flag, secretName: objectName, clusterIssuer: text, issuer: text }),
      iap: object({ enabled: flag, oauthSecret: objectName }),
    }),
    backup: object({
      ...{ enabled: preset(flag), schedule: text, keep: integer(1, 1000), existingClaim: objectName },
      ...{ size: quantity, storageClass: text },
      ...pod,
    }),
    debug: object({ enabled: flag, command: list(text, { minItems: 1 }), ...pod }),
    tests: object({ enabled: flag, group: text, timeoutSeconds: integer(10, 3600), ...pod }),
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Values of the chart chester',
    ...object(properties),
    $defs: { ...kubernetes, group: group(program) },
  };
}
