import type { EnvironmentReader } from '../process/environment.ts';
import { logLevels } from '../process/log.ts';
import { isObject, type Json, type JsonObject } from './core/json.ts';
import type { InjectionSettings } from './core/settings.ts';

export type EnvironmentHelp = readonly (readonly [name: string, fallback: string, meaning: string])[];
const nativeSidecarChoices = ['auto', 'always', 'never'] as const;
export type NativeSidecars = (typeof nativeSidecarChoices)[number];

const defaultResources = '{"requests":{"cpu":"20m","memory":"64Mi"},"limits":{"memory":"128Mi"}}';

/** What decides how agents look; the webhook and `chester inject` take the same. */
export const injectionEnvironmentHelp: EnvironmentHelp = [
  ['AGENT_IMAGE', '(required)', "the agent's image"],
  ['COORDINATOR_ADDRESS', '(required)', "host:port of the coordinators' gRPC, as pods reach it"],
  ['CELL', 'default', 'cluster or region that the pods run in'],
  ['AGENT_IMAGE_PULL_POLICY', 'IfNotPresent', 'Always, IfNotPresent, Never'],
  ['AGENT_IMAGE_PULL_SECRETS', '', "secrets in the pods' namespaces, with commas"],
  ['AGENT_RESOURCES', defaultResources, 'what an agent asks for and may use, as JSON'],
  ['AGENT_LOG_LEVEL', 'info', logLevels.join(', ')],
  ['AGENT_HTTP_PORT', '8081', "for the agent's probes, metrics and drain; the next free one where the pod declares it"],
  ['ADMIN_SECRET', 'proxysql-admin', "secret in the pod's namespace with ProxySQL's admin login"],
  ['ADMIN_SECRET_USER_KEY', 'username', 'its key with the user'],
  ['ADMIN_SECRET_PASSWORD_KEY', 'password', 'its key with the password'],
  ['DRAIN_ENDPOINTS_MS', '20000', 'from "not ready" until nobody sends new clients'],
  ['DRAIN_DEADLINE_MS', '60000', 'longest wait for the clients of a paused proxy to go'],
  ['TOKEN_AUDIENCE', 'chester', "audience of the agents' service-account tokens"],
  ['TOKEN_EXPIRY_SECONDS', '3600', 'how long such a token is good; kubelet renews it in time'],
  ['COORDINATOR_CA_CONFIGMAP', '', "config map in the pods' namespaces with the coordinators' authority in ca.crt"],
  ['COORDINATOR_CA_FILE', '', 'file with that authority, which every pod then carries in an annotation'],
  ['COORDINATOR_TLS', 'false', "TLS with the authorities of the agent's image: true, false"],
  ['INSECURE_COORDINATOR', 'false', 'allows plain text between agents and coordinators: true, false'],
  ['NATIVE_SIDECARS', 'auto', 'init containers that run as long as the pod: auto asks the cluster, always, never'],
];

const image = { pattern: /^[a-z0-9][\w./:@-]{0,511}$/i, allowed: 'an image, for example registry/chester-agent:1.0' };
const label = { pattern: /^[a-z][a-z0-9-]{0,62}$/, allowed: 'a lower-case letter, then up to 62 of a-z, 0-9 and -' };
const address = {
  pattern: /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/,
  allowed: 'host:port, an IPv6 address in brackets',
};
const objectName = {
  pattern: /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/,
  allowed: 'a name of an object in Kubernetes',
};
const names = { pattern: /^[a-z0-9.-]+(?:,[a-z0-9.-]+)*$/, allowed: 'names of secrets with commas' };
const key = { pattern: /^[\w.-]{1,253}$/, allowed: 'a key of a secret' };
const audience = { pattern: /^[\x21-\x7e]{1,253}$/, allowed: 'up to 253 characters without spaces' };
/** Kubernetes' limit for all annotations together is 256 KiB. */
const caBytesMax = 65_536;

export type InjectionConfig = {
  readonly settings: InjectionSettings;
  readonly nativeSidecars: NativeSidecars;
  /** The file that `settings.trust` was read from; `null`: none. */
  readonly authorityFile: string | null;
};

/** Reads how agents look. `readText` reads the file with the authority. */
export function parseInjectionSettings(reader: EnvironmentReader, readText: (path: string) => string): InjectionConfig {
  const milliseconds = { min: 0, max: 600_000 };
  const settings: InjectionSettings = {
    image: reader.text('AGENT_IMAGE', null, image),
    imagePullPolicy: reader.oneOf('AGENT_IMAGE_PULL_POLICY', 'IfNotPresent', ['Always', 'IfNotPresent', 'Never']),
    imagePullSecrets: reader
      .text('AGENT_IMAGE_PULL_SECRETS', '', names)
      .split(',')
      .filter((name) => name !== ''),
    coordinatorAddress: reader.text('COORDINATOR_ADDRESS', null, address),
    cell: reader.text('CELL', 'default', label),
    adminSecret: {
      name: reader.text('ADMIN_SECRET', 'proxysql-admin', objectName),
      userKey: reader.text('ADMIN_SECRET_USER_KEY', 'username', key),
      passwordKey: reader.text('ADMIN_SECRET_PASSWORD_KEY', 'password', key),
    },
    httpPort: reader.integer('AGENT_HTTP_PORT', 8081, { min: 1, max: 65_535 }),
    drainEndpointsMs: reader.integer('DRAIN_ENDPOINTS_MS', 20_000, milliseconds),
    drainDeadlineMs: reader.integer('DRAIN_DEADLINE_MS', 60_000, { min: 0, max: 86_400_000 }),
    token: {
      audience: reader.text('TOKEN_AUDIENCE', 'chester', audience),
      expirySeconds: reader.integer('TOKEN_EXPIRY_SECONDS', 3600, { min: 600, max: 86_400 }),
    },
    trust: parseTrust(reader, readText),
    resources: parseResources(reader),
    logLevel: reader.oneOf('AGENT_LOG_LEVEL', 'info', logLevels),
  };
  const authorityFile = reader.text('COORDINATOR_CA_FILE', '') || null;
  return { settings, authorityFile, nativeSidecars: reader.oneOf('NATIVE_SIDECARS', 'auto', nativeSidecarChoices) };
}

function parseTrust(reader: EnvironmentReader, readText: (path: string) => string): InjectionSettings['trust'] {
  const configMap = reader.text('COORDINATOR_CA_CONFIGMAP', '', objectName);
  const file = reader.text('COORDINATOR_CA_FILE', '');
  const isSystem = reader.boolean('COORDINATOR_TLS', false);
  const isInsecure = reader.boolean('INSECURE_COORDINATOR', false);
  const chosen = [configMap !== '', file !== '', isSystem && configMap === '' && file === '', isInsecure];
  if (chosen.filter((isChosen) => isChosen).length !== 1) {
    reader.problems.push(
      'how agents know the coordinators: set one of COORDINATOR_CA_CONFIGMAP, COORDINATOR_CA_FILE, COORDINATOR_TLS=true, ' +
        'INSECURE_COORDINATOR=true',
    );
  }
  if (configMap !== '') return { kind: 'configMap', name: configMap, key: 'ca.crt' };
  if (file !== '') return { kind: 'inline', pem: readAuthority(file, reader, readText) };
  return isSystem ? { kind: 'system' } : { kind: 'none' };
}

/** Whether a text may be told to everybody as an authority. */
export function isAuthority(pem: string): boolean {
  return pem.includes('-----BEGIN CERTIFICATE-----') && !pem.includes('PRIVATE KEY') && pem.length <= caBytesMax;
}

function readAuthority(file: string, reader: EnvironmentReader, readText: (path: string) => string): string {
  const where = `COORDINATOR_CA_FILE ${JSON.stringify(file)}`;
  try {
    const pem = readText(file);
    if (!isAuthority(pem)) {
      reader.problems.push(`${where}; allowed: certificates in PEM, ${caBytesMax} bytes at most, and no key`);
    }
    return pem;
  } catch (error) {
    reader.problems.push(`${where} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return '';
  }
}

function parseResources(reader: EnvironmentReader): JsonObject {
  const text = reader.text('AGENT_RESOURCES', defaultResources);
  try {
    const resources = JSON.parse(text) as Json;
    const isQuantity = (value: Json | undefined): boolean =>
      typeof value === 'string' && /^\d+(?:\.\d+)?(?:[numkMGTPE]|[KMGTPE]i)?$/.test(value);
    const isRight =
      isObject(resources) &&
      Object.entries(resources).every(
        ([name, amounts]) =>
          ['requests', 'limits'].includes(name) && isObject(amounts) && Object.values(amounts).every(isQuantity),
      );
    if (isRight) return resources;
  } catch {
    // Told below, with all else that it may be.
  }
  reader.problems.push(`AGENT_RESOURCES is ${JSON.stringify(text)}; allowed: JSON like ${defaultResources}`);
  return {};
}
