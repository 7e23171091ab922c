// Holds manifests to Kubernetes' own models: every field has to exist and have its type (@kubernetes/client-node's
// model maps), and required ones have to be there (kubernetes-models). Custom resources are held to the shapes below.
import * as client from '@kubernetes/client-node';
import type { Json, JsonObject, Manifest } from './manifests.ts';
import { nameOf } from './manifests.ts';

type Attribute = { readonly baseName: string; readonly type: string; readonly format: string };
type Model = { getAttributeTypeMap(): readonly Attribute[] };
type Validator = new (data: unknown) => { validate(): void };

const models = client as unknown as Readonly<Record<string, Model | undefined>>;

/** Fields that the models of client-node do not know yet, or that it renames. */
const aliases: Readonly<Record<string, string>> = { _continue: 'continue', _default: 'default', _enum: 'enum' };

const found = new WeakMap<Manifest, Promise<readonly string[]>>();

/** What is wrong with a manifest; nothing for one that a strict API server takes. */
export function findProblems(manifest: Manifest): Promise<readonly string[]> {
  const problems = found.get(manifest) ?? checkManifest(manifest);
  found.set(manifest, problems);
  return problems;
}

async function checkManifest(manifest: Manifest): Promise<readonly string[]> {
  const custom = customShapes[`${manifest.apiVersion}/${manifest.kind}`];
  if (custom !== undefined) return checkShape(manifest, custom, nameOf(manifest));
  const model = modelName(manifest);
  if (models[model] === undefined) return [`${nameOf(manifest)}: ${manifest.apiVersion} ${manifest.kind} is not known`];
  return [...checkModel(manifest, model, nameOf(manifest)), ...(await findMissing(manifest))];
}

function modelName({ apiVersion, kind }: Manifest): string {
  const version = apiVersion.split('/').at(-1) ?? '';
  return `${version.charAt(0).toUpperCase()}${version.slice(1)}${kind}`;
}

async function findMissing(manifest: Manifest): Promise<readonly string[]> {
  const module = (await import(`kubernetes-models/${manifest.apiVersion}/${manifest.kind}`)) as Readonly<
    Record<string, unknown>
  >;
  const Validated = (module[manifest.kind] ?? (module['default'] as JsonObject | undefined)?.[manifest.kind]) as
    Validator | undefined;
  if (Validated === undefined) return [`${nameOf(manifest)}: kubernetes-models has no ${manifest.kind}`];
  try {
    new Validated(manifest).validate();
    return [];
  } catch (error) {
    return [`${nameOf(manifest)}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function checkModel(value: Json, model: string, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no ${model}`];
  const attributes = models[model]?.getAttributeTypeMap() ?? [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const attribute = attributes.find(({ baseName }) => (aliases[baseName] ?? baseName) === key);
    if (attribute === undefined) return [`${path}.${key} is no field of ${model}`];
    return checkType(inner, attribute.type, `${path}.${key}`);
  });
}

const primitives: Readonly<Record<string, (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  IntOrString: (value) => typeof value === 'string' || Number.isInteger(value),
  Date: (value) => typeof value === 'string',
  V1MicroTime: (value) => typeof value === 'string',
  any: () => true,
  object: () => true,
};

function checkType(value: Json, type: string, path: string): readonly string[] {
  const [, item] = /^(?:Array|Set)<(.*)>$/.exec(type) ?? [];
  if (item !== undefined) {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return (value as readonly Json[]).flatMap((one, index) => checkType(one, item, `${path}.${index}`));
  }
  const [, mapped] = /^\{ \[key: string\]: (.*); \}$/.exec(type) ?? [];
  if (mapped !== undefined) return checkMap(value, mapped, path);
  const isRight = primitives[type];
  if (isRight === undefined) return checkModel(value, type, path);
  // Amounts of a resource may be numbers, which the model calls texts.
  const isAmount = typeof value === 'number' && /\.(?:requests|limits)\.[^.]+$/.test(path);
  return isAmount || isRight(value) ? [] : [`${path} is ${JSON.stringify(value)}; allowed: ${type}`];
}

function checkMap(value: Json, type: string, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no map`];
  return Object.entries(value as JsonObject).flatMap(([key, one]) => checkType(one, type, `${path}.${key}`));
}

/** A map's fields (`?` at the end: may lack), a list's item, or a kind of value. */
type Shape = string | { readonly [field: string]: Shape } | readonly [Shape];

const selector: Shape = {
  'matchLabels?': 'map',
  'matchExpressions?': [{ key: 'string', operator: 'string', 'values?': ['string'] }],
};
const meta: Shape = { name: 'string', namespace: 'string', 'labels?': 'map', 'annotations?': 'map' };
const endpoint: Shape = { port: 'string', path: 'string', interval: 'string' };
const ciliumPorts: Shape = [{ ports: [{ port: 'string', protocol: 'string' }] }];
const resource = (spec: Shape): Shape => ({ apiVersion: 'string', kind: 'string', metadata: meta, spec });

/** Of each custom resource, what the chart uses, from its definition's own reference. */
const customShapes: Readonly<Record<string, Shape>> = {
  'monitoring.coreos.com/v1/ServiceMonitor': resource({
    selector,
    namespaceSelector: { matchNames: ['string'] },
    endpoints: [endpoint],
  }),
  'monitoring.coreos.com/v1/PodMonitor': resource({
    selector,
    namespaceSelector: { matchNames: ['string'] },
    podTargetLabels: ['string'],
    podMetricsEndpoints: [endpoint],
  }),
  'monitoring.coreos.com/v1/PrometheusRule': resource({
    groups: [
      {
        name: 'string',
        'interval?': 'string',
        rules: [
          {
            'alert?': 'string',
            'record?': 'string',
            expr: 'string',
            'for?': 'string',
            'keep_firing_for?': 'string',
            'labels?': 'map',
            'annotations?': 'map',
          },
        ],
      },
    ],
  }),
  'cilium.io/v2/CiliumNetworkPolicy': {
    apiVersion: 'string',
    kind: 'string',
    metadata: meta,
    specs: [
      {
        endpointSelector: selector,
        'ingress?': [{ fromEndpoints: [selector], toPorts: ciliumPorts }],
        'egress?': [{ toEndpoints: [selector], toPorts: ciliumPorts }],
      },
    ],
  },
  'cloud.google.com/v1/BackendConfig': resource({
    iap: { enabled: 'boolean', oauthclientCredentials: { secretName: 'string' } },
    healthCheck: { type: 'string', requestPath: 'string', port: 'number' },
  }),
  'cert-manager.io/v1/Issuer': resource({ 'selfSigned?': 'map', 'ca?': { secretName: 'string' } }),
  'cert-manager.io/v1/Certificate': resource({
    secretName: 'string',
    'commonName?': 'string',
    'isCA?': 'boolean',
    'dnsNames?': ['string'],
    'ipAddresses?': ['string'],
    duration: 'string',
    renewBefore: 'string',
    'usages?': ['string'],
    privateKey: { algorithm: 'string', size: 'number', rotationPolicy: 'string' },
    issuerRef: { kind: 'string', name: 'string', 'group?': 'string' },
  }),
};

function checkShape(value: Json | undefined, shape: Shape, path: string): readonly string[] {
  if (typeof shape === 'string') {
    const found = shape === 'map' ? 'object' : shape;
    return typeof value === found ? [] : [`${path} is ${JSON.stringify(value)}; allowed: ${shape}`];
  }
  if (isList(shape)) {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return (value as readonly Json[]).flatMap((one, index) => checkShape(one, shape[0], `${path}.${index}`));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no map`];
  const fields = Object.entries(shape).map(([field, inner]) => ({
    name: field.replace(/\?$/, ''),
    isOptional: field.endsWith('?'),
    inner,
  }));
  const unknown = Object.keys(value).filter((key) => !fields.some(({ name }) => name === key));
  return [
    ...unknown.map((key) => `${path}.${key} is not known`),
    ...fields.flatMap(({ name, isOptional, inner }) => {
      const found = (value as JsonObject)[name];
      if (found === undefined) return isOptional ? [] : [`${path}.${name} is missing`];
      return checkShape(found, inner, `${path}.${name}`);
    }),
  ];
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}
