// Decides whether a pod gets an agent, and how: a JSON patch, or the reason why not. It never fails, whatever the pod looks
// like; what somebody asked for and cannot be done is a warning.
import {
  type AgentPlan,
  buildAgent,
  buildPreStop,
  buildVolumes,
  readDrainTimes,
  tlsFolder,
  volumeName,
} from './agent-container.ts';
import {
  type ContainerPlace,
  findAgent,
  findFreePort,
  findMisshape,
  findProxySql,
  fleetOf,
  type Found,
  listContainers,
  readRunAs,
} from './containers.ts';
import { type Json, type JsonObject, read, readInteger, readList, readText } from './json.ts';
import { type FleetWish, mark, type Marked, marksOf, type PodMarks, readFleetWish, readPodMarks } from './marks.ts';
import { type PatchOperation, pointer } from './patch.ts';
import type { ClusterCapabilities, InjectionSettings } from './settings.ts';

export type InjectionRequest = {
  readonly pod: JsonObject;
  /** `null` when the namespace's marks are not known. */
  readonly namespace: Marked | null;
  readonly settings: InjectionSettings;
  readonly capabilities: ClusterCapabilities;
  /** This pod's own, for the agent's drain endpoint; safe in a URL. */
  readonly drainToken: string;
};

export type SkipReason =
  'notMarked' | 'optedOut' | 'hasAgent' | 'noProxySql' | 'severalProxySql' | 'badMark' | 'unsupported' | 'misshapen';

/** Warnings tell people what they asked for and did not get. */
export type Injection =
  | {
      readonly outcome: 'injected';
      readonly fleet: string;
      readonly patch: readonly PatchOperation[];
      readonly warnings: readonly string[];
    }
  | { readonly outcome: 'skipped'; readonly reason: SkipReason; readonly warnings: readonly string[] };

/** Plans the injection of one pod. A pod that has an agent, also one that was injected before, is left as it is. */
export function planInjection(request: InjectionRequest): Injection {
  const { pod, namespace } = request;
  const wish = readFleetWish(marksOf(pod), namespace);
  if (wish.kind === 'none') return skip(wish.reason);
  const places = listContainers(pod);
  const { marks, warnings } = readPodMarks(read(pod, 'metadata', 'annotations'));
  const found = findProxySql(places, marks.container);
  // A namespace's mark means those of its pods that run ProxySQL.
  if (!wish.isPodsOwn && found.kind === 'none' && marks.container === null) return skip('noProxySql');
  const agent = findAgent(places);
  if (agent !== null) return skip('hasAgent', ...describeOtherFleet(agent, wish));
  if (wish.kind === 'bad') return skip('badMark', ...wish.warnings, ...warnings);
  const misshape = findMisshape(pod);
  if (misshape !== null) return skip('misshapen', `no agent: ${misshape} is not what Kubernetes has there`);
  if (warnings.length > 0) return skip('badMark', ...warnings);
  return injectInto(request, { fleet: wish.fleet, marks, found });
}

function injectInto(
  request: InjectionRequest,
  { fleet, marks, found }: { readonly fleet: string; readonly marks: PodMarks; readonly found: Found },
): Injection {
  if (found.kind === 'none') return skip('noProxySql', `no agent: ${describeMissing(marks.container)}`);
  if (found.kind === 'several') return skip('severalProxySql', `no agent: ${describeSeveral(found.names)}`);
  const { place, others } = found;
  // Who runs native sidecars has a cluster that can.
  const isNative = request.capabilities.nativeSidecars || place.list === 'initContainers';
  const unsupported = findUnsupported(request.pod, isNative);
  if (unsupported !== null) return skip('unsupported', `no agent: ${unsupported}`);
  return inject(request, { fleet, marks, place, others, isNative });
}

function describeOtherFleet(agent: JsonObject, wish: FleetWish): readonly string[] {
  const fleet = fleetOf(agent);
  if (wish.kind !== 'fleet' || fleet === null || fleet === wish.fleet) return [];
  return [`the pod has an agent of fleet ${fleet}, not ${wish.fleet}; it is left as it is`];
}

function skip(reason: SkipReason, ...warnings: readonly string[]): Injection {
  return { outcome: 'skipped', reason, warnings };
}

function describeMissing(named: string | null): string {
  return named === null
    ? `no container is called proxysql or runs its image; name it with ${mark.container}`
    : `pod: ${mark.container} is "${named}"; allowed: a container that runs as long as the pod`;
}

function describeSeveral(names: readonly string[]): string {
  return `containers ${names.join(', ')} run ProxySQL; name one with ${mark.container}`;
}

/** Says what keeps this pod from having an agent at all. */
function findUnsupported(pod: JsonObject, isNative: boolean): string | null {
  if (read(pod, 'metadata', 'annotations', 'kubernetes.io/config.mirror') !== undefined) {
    return 'static pods belong to their node';
  }
  if (readText(pod, 'spec', 'os', 'name') === 'windows') return 'the agent runs on Linux';
  const restartPolicy = readText(pod, 'spec', 'restartPolicy');
  if (!isNative && restartPolicy !== '' && restartPolicy !== 'Always') {
    return `restartPolicy is ${restartPolicy}, and without native sidecars (Kubernetes 1.29) the agent would never let it end`;
  }
  return null;
}

type Target = {
  readonly fleet: string;
  readonly marks: PodMarks;
  readonly place: ContainerPlace;
  readonly others: readonly string[];
  readonly isNative: boolean;
};

function inject(request: InjectionRequest, target: Target): Injection {
  const { pod, settings, drainToken } = request;
  const { fleet, marks, place, isNative } = target;
  const bad = findBadChoice(pod, target);
  if (bad !== null) return skip('badMark', bad);
  const mounts = readList(place.container, 'volumeMounts');
  const taken = mounts.find((mount) => readText(mount, 'mountPath').replace(/\/+$/, '') === tlsFolder);
  const plan: AgentPlan = {
    ...{ fleet, marks, settings, drainToken },
    drain: readDrainTimes(settings, {
      deadlineSeconds: marks.drainDeadlineSeconds,
      graceSeconds: readInteger(pod, 'spec', 'terminationGracePeriodSeconds'),
      isSidecar: place.list === 'initContainers',
    }),
    httpPort: marks.httpPort ?? findFreePort(pod, settings.httpPort),
    isNative,
    sharesTls: taken === undefined || readText(taken, 'name') === volumeName.tls,
    proxyRunsAs: readRunAs(pod, place.container),
    fsGroup: readInteger(pod, 'spec', 'securityContext', 'fsGroup'),
  };
  const keepsPreStop = !marks.replacesPreStop && read(place.container, 'lifecycle', 'preStop') !== undefined;
  const patch = [
    ...patchMetadata(pod, plan),
    ...patchVolumes(pod, plan),
    ...patchPullSecrets(pod, settings),
    ...patchGrace(pod, plan),
    // Last, for it may move ProxySQL's own place.
    ...patchProxySql(place, plan, { keepsPreStop, hasMount: taken !== undefined }),
    ...patchContainers(pod, plan, place),
  ];
  return { outcome: 'injected', fleet, patch, warnings: findDoubts(pod, plan, keepsPreStop) };
}

/** Says which annotation names what this pod does not have, or lacks although only it could tell. */
function findBadChoice(pod: JsonObject, { marks, place, others }: Target): string | null {
  const named = [...readList(pod, 'spec', 'volumes'), ...readList(place.container, 'volumeMounts')];
  const volumes = [...new Set(named.map((volume) => readText(volume, 'name')))];
  if (marks.stateVolume !== null && !volumes.includes(marks.stateVolume)) {
    const allowed = volumes.length === 0 ? 'a volume of the pod, which has none' : volumes.join(', ');
    return `pod: ${mark.stateVolume} is "${marks.stateVolume}"; allowed: ${allowed}`;
  }
  if (others.length === 0 || marks.adminPort !== null) return null;
  return `no agent: ${others.join(', ')} run ProxySQL too, at the same address; say which admin port with ${mark.adminPort}`;
}

/** The fleet becomes a label, so that monitors and network policies find the pod, wherever it was marked. */
function patchMetadata(pod: JsonObject, { fleet, settings }: AgentPlan): readonly PatchOperation[] {
  const labels = { [mark.fleet]: fleet };
  const annotations = {
    [mark.injected]: settings.image,
    ...(settings.trust.kind === 'inline' ? { [mark.coordinatorCa]: settings.trust.pem } : {}),
  };
  const metadata = read(pod, 'metadata') ?? null;
  if (metadata === null) return [add({ labels, annotations }, 'metadata')];
  return Object.entries({ labels, annotations }).flatMap(([field, values]) => {
    const existing = read(metadata, field) ?? null;
    if (existing === null) return [add(values, 'metadata', field)];
    return Object.entries(values)
      .filter(([name, value]) => read(existing, name) !== value)
      .map(([name, value]) => add(value, 'metadata', field, name));
  });
}

function patchVolumes(pod: JsonObject, plan: AgentPlan): readonly PatchOperation[] {
  const existing = readList(pod, 'spec', 'volumes').map((volume) => readText(volume, 'name'));
  const missing = buildVolumes(plan).filter((volume) => !existing.includes(readText(volume, 'name')));
  return append(read(pod, 'spec', 'volumes'), missing, 'spec', 'volumes');
}

function patchPullSecrets(pod: JsonObject, { imagePullSecrets }: InjectionSettings): readonly PatchOperation[] {
  const existing = readList(pod, 'spec', 'imagePullSecrets').map((secret) => readText(secret, 'name'));
  const missing = imagePullSecrets.filter((name) => !existing.includes(name)).map((name) => ({ name }));
  return append(read(pod, 'spec', 'imagePullSecrets'), missing, 'spec', 'imagePullSecrets');
}

function patchGrace(pod: JsonObject, { drain }: AgentPlan): readonly PatchOperation[] {
  const given = readInteger(pod, 'spec', 'terminationGracePeriodSeconds');
  return given === drain.graceSeconds ? [] : [add(drain.graceSeconds, 'spec', 'terminationGracePeriodSeconds')];
}

function patchProxySql(
  { list, index, container }: ContainerPlace,
  plan: AgentPlan,
  { keepsPreStop, hasMount }: { readonly keepsPreStop: boolean; readonly hasMount: boolean },
): readonly PatchOperation[] {
  const here = ['spec', list, index] as const;
  const mount = { name: volumeName.tls, mountPath: tlsFolder, readOnly: true };
  const mounts = plan.sharesTls && !hasMount ? [mount] : [];
  const preStop = buildPreStop(plan);
  const lifecycle = read(container, 'lifecycle') ?? null;
  const hook =
    lifecycle === null ? add({ preStop }, ...here, 'lifecycle') : add(preStop, ...here, 'lifecycle', 'preStop');
  return [...append(read(container, 'volumeMounts'), mounts, ...here, 'volumeMounts'), ...(keepsPreStop ? [] : [hook])];
}

/**
 * A native sidecar comes after all that prepares the pod; beside a ProxySQL that is one itself it comes just before it,
 * for they are stopped in reverse order, and the agent has to outlive ProxySQL.
 */
function patchContainers(pod: JsonObject, plan: AgentPlan, place: ContainerPlace): readonly PatchOperation[] {
  const agent = buildAgent(plan);
  if (!plan.isNative) return append(read(pod, 'spec', 'containers'), [agent], 'spec', 'containers');
  if (place.list === 'initContainers') return [add(agent, 'spec', 'initContainers', place.index)];
  return append(read(pod, 'spec', 'initContainers'), [agent], 'spec', 'initContainers');
}

/** What was done all the same, and may not be what was meant. */
function findDoubts(pod: JsonObject, { httpPort, sharesTls }: AgentPlan, keepsPreStop: boolean): readonly string[] {
  const spec = read(pod, 'spec');
  const names = listContainers(pod).map(({ container }) => readText(container, 'name'));
  const excluded = 'traffic.sidecar.istio.io/excludeInboundPorts';
  const isExcluded = readText(pod, 'metadata', 'annotations', excluded).split(',').includes(String(httpPort));
  const rows: readonly (readonly [boolean, string])[] = [
    [
      keepsPreStop,
      `ProxySQL keeps its own preStop hook and is not drained; ${mark.preStop}: replace takes the agent's`,
    ],
    [!sharesTls, `ProxySQL has a volume of its own at ${tlsFolder}; groups with TLS are refused`],
    [
      read(spec, 'hostNetwork') === true && readText(spec, 'dnsPolicy') !== 'ClusterFirstWithHostNet',
      'on the host network Services have no names without dnsPolicy: ClusterFirstWithHostNet',
    ],
    [
      names.includes('istio-proxy') && !isExcluded,
      `with strict mutual TLS the preStop hook needs the annotation ${excluded}: "${httpPort}"`,
    ],
  ];
  return rows.filter(([applies]) => applies).map(([, warning]) => warning);
}

function add(value: Json, ...path: readonly (string | number)[]): PatchOperation {
  return { op: 'add', path: pointer(...path), value };
}

/** Appends to a list that may not be there yet. */
function append(
  existing: Json | undefined,
  items: readonly Json[],
  ...path: readonly (string | number)[]
): readonly PatchOperation[] {
  if (items.length === 0) return [];
  if (existing === undefined || existing === null) return [add(items, ...path)];
  return items.map((item) => add(item, ...path, '-'));
}
