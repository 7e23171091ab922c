import { parse } from 'yaml';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** One object of a rendered chart. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
} & JsonObject;

const parsed = new Map<string, readonly Manifest[]>();

/**
 * Reads what `helm template` printed as Kubernetes does: YAML 1.1, where `on` is true. The same text gives the same
 * objects, so that a matrix reads and checks each but once.
 *
 * @throws {Error} for YAML that cannot be read, or has a key twice.
 */
export function parseManifests(text: string): readonly Manifest[] {
  return text.split(/^---$/m).flatMap((document) => {
    const known = parsed.get(document);
    if (known !== undefined) return known;
    const content = parse(document, { uniqueKeys: true, version: '1.1' }) as Manifest | null;
    const manifests = content === null ? [] : [content];
    parsed.set(document, manifests);
    return manifests;
  });
}

/** `Deployment/chester`. */
export function nameOf({ kind, metadata }: Manifest): string {
  return `${kind}/${metadata.name}`;
}

/** What stands at a path; undefined where nothing does. */
export function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>((here, key) => {
    if (typeof here !== 'object' || here === null) return undefined;
    return (here as Readonly<Record<string | number, Json>>)[key];
  }, value);
}

/** The text at a path; empty where there is none. */
export function textAt(value: Json | undefined, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

export function listAt(value: Json | undefined, ...path: readonly (string | number)[]): readonly Json[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as readonly Json[]) : [];
}

/** The pod of a workload or of a pod itself; null for an object that starts none. */
export function podOf(manifest: Manifest): Json | null {
  if (manifest.kind === 'Pod') return manifest['spec'] ?? null;
  if (manifest.kind === 'CronJob') return at(manifest, 'spec', 'jobTemplate', 'spec', 'template', 'spec') ?? null;
  return at(manifest, 'spec', 'template', 'spec') ?? null;
}

/** Init containers and containers. */
export function containersOf(pod: Json): readonly Json[] {
  return [...listAt(pod, 'initContainers'), ...listAt(pod, 'containers')];
}
