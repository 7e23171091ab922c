// What `chester inject` needs of the injector: the same decision as the webhook's, without a cluster.
import { EnvironmentReader } from '../process/environment.ts';
import { parseInjectionSettings } from './config-injection.ts';
import { planInjection } from './core/injection.ts';
import { isObject, type Json, type JsonObject, read, readText } from './core/json.ts';
import { marksOf } from './core/marks.ts';
import { applyPatch } from './core/patch.ts';
import type { ClusterCapabilities, InjectionSettings } from './core/settings.ts';

/** What the environment says, as the webhook reads it. Throws nothing: problems are all listed. */
export function readInjectSettings(
  env: Readonly<Record<string, string | undefined>>,
  readText: (path: string) => string,
):
  | { readonly settings: InjectionSettings; readonly capabilities: ClusterCapabilities }
  | { readonly problems: readonly string[] } {
  const reader = new EnvironmentReader(env);
  const { settings, nativeSidecars } = parseInjectionSettings(reader, readText);
  // There is no cluster to ask: `auto` is what any that is still supported can do.
  if (reader.problems.length > 0) return { problems: reader.problems };
  return { settings, capabilities: { nativeSidecars: nativeSidecars !== 'never' } };
}

export type InjectOptions = {
  readonly settings: InjectionSettings;
  readonly capabilities: ClusterCapabilities;
  /** The fleet of pods that name none. */
  readonly fleet: string | null;
  readonly makeToken: () => string;
};

export type Injected = {
  readonly object: Json;
  /** Pods and templates that got an agent, as `Kind/name`. */
  readonly injected: readonly string[];
  readonly warnings: readonly string[];
};

const templateKinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'];

/** Puts agents into an object of Kubernetes: a pod, what has a template of pods, or a list of those. All else stays. */
export function injectObject(object: Json, options: InjectOptions): Injected {
  const kind = read(object, 'kind');
  if (!isObject(object) || typeof kind !== 'string') return { object, injected: [], warnings: [] };
  if (kind === 'Pod') return injectPod(object, object, options);
  if (kind === 'List' || kind.endsWith('List')) return injectList(object, options);
  if (!templateKinds.includes(kind)) return { object, injected: [], warnings: [] };
  const { spec } = object;
  const template = read(spec, 'template');
  if (!isObject(spec) || !isObject(template)) return { object, injected: [], warnings: [] };
  const result = injectPod(template, object, options);
  return { ...result, object: { ...object, spec: { ...spec, template: result.object } } };
}

function injectList(list: JsonObject, options: InjectOptions): Injected {
  const { items } = list;
  if (!Array.isArray(items)) return { object: list, injected: [], warnings: [] };
  const results = (items as readonly Json[]).map((item) => injectObject(item, options));
  return {
    object: { ...list, items: results.map(({ object }) => object) },
    injected: results.flatMap(({ injected }) => injected),
    warnings: results.flatMap(({ warnings }) => warnings),
  };
}

/** The fleet of the command line stands for the namespace's mark: it means those pods that run ProxySQL. */
function injectPod(pod: JsonObject, owner: JsonObject, options: InjectOptions): Injected {
  const { settings, capabilities, fleet, makeToken } = options;
  const namespace = fleet === null ? null : marksOf({ metadata: { labels: { 'chester/fleet': fleet } } });
  const name = `${readText(owner, 'kind')}/${readText(owner, 'metadata', 'name')}`;
  const injection = planInjection({ pod, namespace, settings, capabilities, drainToken: makeToken() });
  const warnings = injection.warnings.map((warning) => `${name}: ${warning}`);
  if (injection.outcome === 'skipped') return { object: pod, injected: [], warnings };
  return { object: applyPatch(pod, injection.patch), injected: [name], warnings };
}
