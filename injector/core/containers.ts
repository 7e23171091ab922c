import { type Json, type JsonObject, isObject, read, readInteger, readList, readText } from './json.ts';

export const agentContainerName = 'chester-agent';

/** Where a container stands in the pod. */
export type ContainerPlace = {
  readonly list: 'containers' | 'initContainers';
  readonly index: number;
  readonly container: JsonObject;
};

/** Containers that run as long as the pod does: native sidecars are init containers that start again for ever. */
export function listContainers(pod: JsonObject): readonly ContainerPlace[] {
  const places = (['initContainers', 'containers'] as const).flatMap((list) =>
    readList(pod, 'spec', list).map((container, index) => ({ list, index, container })),
  );
  return places.filter((place): place is ContainerPlace => {
    const { list, container } = place;
    return isObject(container) && (list === 'containers' || readText(container, 'restartPolicy') === 'Always');
  });
}

export type Found =
  /** `others` run ProxySQL as well. */
  | { readonly kind: 'found'; readonly place: ContainerPlace; readonly others: readonly string[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'several'; readonly names: readonly string[] };

/** Finds the ProxySQL container: the one that is named, else the one called `proxysql`, else the one by its image. */
export function findProxySql(places: readonly ContainerPlace[], named: string | null): Found {
  const nameOf = ({ container }: ContainerPlace): string => readText(container, 'name');
  const byImage = places.filter(({ container }) => /^proxysql2?$/.test(imageName(readText(container, 'image'))));
  const byName = places.find((candidate) => nameOf(candidate) === (named ?? 'proxysql'));
  if (byName === undefined && (named !== null || byImage.length === 0)) return { kind: 'none' };
  const [place = null, second] = byName === undefined ? byImage : [byName];
  if (place === null || second !== undefined) return { kind: 'several', names: byImage.map(nameOf) };
  return { kind: 'found', place, others: byImage.filter((other) => other !== place).map(nameOf) };
}

/** An agent, whoever put it there: by its name, its image, or by what it is told. */
export function findAgent(places: readonly ContainerPlace[]): JsonObject | null {
  const isAgent = ({ container }: ContainerPlace): boolean =>
    readText(container, 'name') === agentContainerName ||
    imageName(readText(container, 'image')) === agentContainerName ||
    fleetOf(container) !== null;
  return places.find(isAgent)?.container ?? null;
}

/** The fleet that an agent's container is told; `null` when it is not told literally. */
export function fleetOf(agent: JsonObject): string | null {
  const variable = readList(agent, 'env').find((entry) => readText(entry, 'name') === 'CHESTER_FLEET');
  return variable === undefined ? null : readText(variable, 'value');
}

/** The last part of an image's path: `proxysql` of `registry:5000/proxysql/proxysql:2.7.1@sha256:…`. */
function imageName(image: string): string {
  const [path = ''] = image.split('@');
  return (path.split('/').at(-1) ?? '').replace(/:.*$/, '');
}

/** The first port from `wanted` on that no container of the pod declares. */
export function findFreePort(pod: JsonObject, wanted: number): number {
  const taken = new Set(
    [...readList(pod, 'spec', 'initContainers'), ...readList(pod, 'spec', 'containers')]
      .flatMap((container) => readList(container, 'ports'))
      .map((port) => readInteger(port, 'containerPort')),
  );
  let port = wanted;
  while (taken.has(port) && port < 65_535) port += 1;
  return port;
}

/** The user and group that a container runs as, as far as the pod says. */
export function readRunAs(pod: JsonObject, container: JsonObject): Readonly<Record<'user' | 'group', number | null>> {
  const either = (field: string): number | null =>
    readInteger(container, 'securityContext', field) ?? readInteger(pod, 'spec', 'securityContext', field);
  return { user: either('runAsUser'), group: either('runAsGroup') };
}

/** Says where the pod is not shaped as Kubernetes shapes pods, in the places that an injection writes to. */
export function findMisshape(pod: JsonObject): string | null {
  const isList = (value: Json | undefined): boolean => value === undefined || value === null || Array.isArray(value);
  const isMap = (value: Json | undefined): boolean => value === undefined || value === null || isObject(value);
  if (!isMap(read(pod, 'metadata'))) return 'metadata';
  const map = ['labels', 'annotations'].find((field) => !isMap(read(pod, 'metadata', field)));
  if (map !== undefined) return `metadata.${map}`;
  if (!isObject(read(pod, 'spec'))) return 'spec';
  const lists = ['initContainers', 'containers', 'volumes', 'imagePullSecrets'];
  const bad = lists.find((list) => !isList(read(pod, 'spec', list)));
  if (bad !== undefined) return `spec.${bad}`;
  const container = listContainers(pod).find(
    (place) => !isList(read(place.container, 'volumeMounts')) || !isMap(read(place.container, 'lifecycle')),
  );
  return container === undefined ? null : `spec.${container.list}.${container.index}`;
}
