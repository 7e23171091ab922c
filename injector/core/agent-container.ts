// The agent's container and volumes, as an injection adds them. Every variable stands in `chester agent --help`, but those
// that only serve to put others together.
import { agentContainerName } from './containers.ts';
import type { Json, JsonObject } from './json.ts';
import { mark, type PodMarks } from './marks.ts';
import type { InjectionSettings } from './settings.ts';

export const volumeName = {
  state: 'chester-state',
  tls: 'chester-tls',
  admin: 'chester-admin',
  identity: 'chester-identity',
};
const folder = { state: '/var/lib/chester', admin: '/var/run/chester/admin', identity: '/var/run/chester/identity' };
/** The same for agent and ProxySQL: the agent writes paths of this folder into ProxySQL's tables. */
export const tlsFolder = '/var/run/chester/tls';
const fallbackUser = 65_532;

/** What is known of the pod when its agent is made. */
export type AgentPlan = {
  readonly fleet: string;
  readonly marks: PodMarks;
  readonly settings: InjectionSettings;
  readonly drainToken: string;
  readonly httpPort: number;
  /** What `readDrainTimes` says. */
  readonly drain: DrainTimes;
  readonly isNative: boolean;
  readonly sharesTls: boolean;
  /** Who ProxySQL runs as, where the pod says so. */
  readonly proxyRunsAs: Readonly<Record<'user' | 'group', number | null>>;
  /** The group that volumes of the pod belong to. */
  readonly fsGroup: number | null;
};

export type DrainTimes = {
  readonly endpointsMs: number;
  readonly deadlineMs: number;
  /** What the pod needs, drain and stop included. */
  readonly graceSeconds: number;
};

const graceSecondsDefault = 30;
/** What an agent takes. */
const endpointsMsMax = 600_000;

/**
 * Says how long a drain takes. Hooks run as soon as a pod is to stop, those of native sidecars too: where ProxySQL is one,
 * its door stays open for as long as the application beside it may take to stop.
 */
export function readDrainTimes(
  { drainEndpointsMs, drainDeadlineMs }: InjectionSettings,
  pod: { readonly deadlineSeconds: number | null; readonly graceSeconds: number | null; readonly isSidecar: boolean },
): DrainTimes {
  const given = pod.graceSeconds ?? graceSecondsDefault;
  const deadlineMs = pod.deadlineSeconds === null ? drainDeadlineMs : pod.deadlineSeconds * 1000;
  const endpointsMs = pod.isSidecar
    ? Math.max(drainEndpointsMs, Math.min(given * 1000, endpointsMsMax))
    : drainEndpointsMs;
  const needed = Math.ceil((endpointsMs + deadlineMs) / 1000) + 20;
  return { endpointsMs, deadlineMs, graceSeconds: Math.max(given, needed) };
}

export function buildPreStop({ httpPort, drainToken }: Pick<AgentPlan, 'httpPort' | 'drainToken'>): JsonObject {
  return { httpGet: { path: `/drain?token=${drainToken}`, port: httpPort } };
}

export function buildAgent(plan: AgentPlan): JsonObject {
  const { settings, httpPort, isNative } = plan;
  const probe = (path: string): JsonObject => ({ httpGet: { path: `/healthz/${path}`, port: httpPort } });
  return {
    name: agentContainerName,
    image: settings.image,
    imagePullPolicy: settings.imagePullPolicy,
    ...(isNative ? { restartPolicy: 'Always' } : {}),
    env: buildEnv(plan),
    ports: [{ name: 'agent-http', containerPort: httpPort, protocol: 'TCP' }],
    // No start probe: a native sidecar's would keep ProxySQL from starting while the agent cannot.
    livenessProbe: {
      ...probe('live'),
      initialDelaySeconds: 5,
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
    readinessProbe: { ...probe('ready'), periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 3 },
    // A native sidecar outlives ProxySQL; a container beside it is stopped at the same time, unless it waits as well.
    ...(isNative ? {} : { lifecycle: { preStop: buildPreStop(plan) } }),
    resources: settings.resources,
    securityContext: buildSecurityContext(plan),
    volumeMounts: buildMounts(plan),
  };
}

function buildEnv(plan: AgentPlan): readonly JsonObject[] {
  const { fleet, marks, settings, drain, drainToken, httpPort, sharesTls, fsGroup } = plan;
  const { cell, adminSecret } = settings;
  const literal = (name: string, value: string | number): JsonObject => ({ name, value: String(value) });
  const field = (name: string, fieldPath: string): JsonObject => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  const secret = { name: marks.adminSecret ?? adminSecret.name, key: adminSecret.userKey };
  return [
    field('POD_NAMESPACE', 'metadata.namespace'),
    field('POD_NAME', 'metadata.name'),
    field('POD_UID', 'metadata.uid'),
    // Two namespaces, or two cells, may have pods of one name.
    literal('AGENT_ID', `${cell}.$(POD_NAMESPACE).$(POD_NAME)`),
    literal('CELL', cell),
    literal('CHESTER_FLEET', fleet),
    literal('COORDINATOR_ADDRESS', settings.coordinatorAddress),
    ...buildTrust(settings.trust).map(([name, value]) => literal(name, value)),
    literal('STATE_DIR', folder.state),
    { name: 'PROXYSQL_ADMIN_USER', valueFrom: { secretKeyRef: secret } },
    literal('PROXYSQL_ADMIN_PASSWORD_FILE', `${folder.admin}/password`),
    ...(marks.adminPort === null ? [] : [literal('PROXYSQL_ADMIN_PORT', marks.adminPort)]),
    // kubelet cannot reach loopback, and the pod may have an IPv6 address only.
    field('HTTP_HOST', 'status.podIP'),
    literal('HTTP_PORT', httpPort),
    literal('DRAIN_TOKEN', drainToken),
    literal('DRAIN_ENDPOINTS_MS', drain.endpointsMs),
    literal('DRAIN_DEADLINE_MS', drain.deadlineMs),
    ...(sharesTls ? [literal('TLS_DIR', tlsFolder)] : []),
    ...(sharesTls && marks.tlsGroup === null && fsGroup !== null ? [literal('TLS_GROUP', fsGroup)] : []),
    literal('LOG_LEVEL', settings.logLevel),
  ];
}

function buildTrust({ kind }: InjectionSettings['trust']): readonly (readonly [name: string, value: string])[] {
  if (kind === 'none') return [['INSECURE_COORDINATOR', 'true']];
  const authority =
    kind === 'system'
      ? (['COORDINATOR_TLS', 'true'] as const)
      : (['COORDINATOR_CA_FILE', `${folder.identity}/ca.crt`] as const);
  return [authority, ['COORDINATOR_TOKEN_FILE', `${folder.identity}/token`]];
}

/**
 * Never root. The agent runs as ProxySQL does where the pod says so, so that ProxySQL can read the keys it writes; else it
 * takes the group that is named for that.
 */
function buildSecurityContext({ proxyRunsAs, marks }: AgentPlan): JsonObject {
  const isPlain = proxyRunsAs.user !== null && proxyRunsAs.user > 0;
  const user = isPlain ? proxyRunsAs.user : fallbackUser;
  return {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: marks.tlsGroup ?? (isPlain ? (proxyRunsAs.group ?? user) : fallbackUser),
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

function buildMounts({ marks, sharesTls }: AgentPlan): readonly JsonObject[] {
  const state =
    marks.stateVolume === null
      ? { name: volumeName.state, mountPath: folder.state }
      : { name: marks.stateVolume, mountPath: folder.state, subPath: agentContainerName };
  return [
    state,
    { name: volumeName.admin, mountPath: folder.admin, readOnly: true },
    { name: volumeName.identity, mountPath: folder.identity, readOnly: true },
    ...(sharesTls ? [{ name: volumeName.tls, mountPath: tlsFolder }] : []),
  ];
}

/** The volumes that the agent needs; who has one of the same name already gave his own. */
export function buildVolumes({ marks, settings, sharesTls }: AgentPlan): readonly JsonObject[] {
  const { adminSecret } = settings;
  const secretName = marks.adminSecret ?? adminSecret.name;
  const items = [{ key: adminSecret.passwordKey, path: 'password' }];
  return [
    ...(marks.stateVolume === null ? [{ name: volumeName.state, emptyDir: { sizeLimit: '64Mi' } }] : []),
    { name: volumeName.admin, secret: { secretName, items } },
    { name: volumeName.identity, projected: { sources: identitySources(settings) } },
    // Keys stay in memory.
    ...(sharesTls ? [{ name: volumeName.tls, emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } }] : []),
  ];
}

function identitySources({ token, trust }: InjectionSettings): readonly Json[] {
  const { audience, expirySeconds: expirationSeconds } = token;
  const sources: Json[] = [{ serviceAccountToken: { audience, expirationSeconds, path: 'token' } }];
  if (trust.kind === 'configMap') {
    sources.push({ configMap: { name: trust.name, items: [{ key: trust.key, path: 'ca.crt' }] } });
  }
  if (trust.kind === 'inline') {
    const fieldPath = `metadata.annotations['${mark.coordinatorCa}']`;
    sources.push({ downwardAPI: { items: [{ path: 'ca.crt', fieldRef: { fieldPath } }] } });
  }
  return sources;
}
