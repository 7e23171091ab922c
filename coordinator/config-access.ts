import type { EnvironmentReader } from '../process/environment.ts';
import { isLoopback } from '../process/loopback.ts';

/** How callers are known, and what is encrypted. */
export type AccessConfig = {
  /** Null: nobody is named, and nobody but loopback may administer. */
  readonly accessFile: string | null;
  /** Null: gRPC is plain text. */
  readonly tls: {
    readonly certificateFile: string;
    readonly keyFile: string;
    /** Authorities of clients' certificates; null: none are asked for. */
    readonly clientCaFile: string | null;
    /** Whether HTTP is encrypted with the same certificate. */
    readonly isHttpToo: boolean;
  } | null;
  /** Null: IAP's assertions count for nothing. */
  readonly iap: { readonly audience: string; readonly keys: string } | null;
  /** Null: service-account tokens of agents are not taken. */
  readonly agentTokens: {
    readonly issuer: string;
    readonly audience: string;
    /** URL or path of the cluster's keys. */
    readonly keys: string;
    readonly keysCaFile: string | null;
    readonly keysTokenFile: string | null;
  } | null;
  /** Keys that encrypt secrets in the store; null: it has none. */
  readonly secretKeyFile: string | null;
  /** Another Secret Manager than Google's, which asks for no credentials; null: Google's. */
  readonly secretManagerUrl: string | null;
  /** Whether others than this machine reach the listeners. */
  readonly isLoopback: boolean;
  readonly isInsecureAllowed: boolean;
  readonly auditKeepMs: number;
  readonly auditMax: number;
};

/** Rows of `--help`. */
export const accessEnvironmentHelp: readonly (readonly [name: string, fallback: string, meaning: string])[] = [
  ['ACCESS_FILE', '', 'YAML that says who may administer and which agents may join; read again when it changes'],
  ['TLS_CERT_FILE', '', "gRPC's certificate with its chain, PEM; read again when it changes"],
  ['TLS_KEY_FILE', '', 'its key, PEM'],
  ['TLS_CLIENT_CA_FILE', '', "authorities of clients' certificates, PEM; with it, agents and people can show one"],
  ['HTTP_TLS', 'false', 'whether HTTP is encrypted with the same certificate'],
  ['INSECURE_HTTP', 'false', 'allows plain HTTP on an address that others reach, for example behind a load balancer'],
  ['IAP_AUDIENCE', '', '/projects/NUMBER/global/backendServices/ID: takes the assertions of Identity-Aware Proxy'],
  ['IAP_KEYS', 'https://www.gstatic.com/iap/verify/public_key-jwk', "URL or file of IAP's keys"],
  ['AGENT_TOKEN_AUDIENCE', '', "audience of agents' service-account tokens: takes them as proof of who an agent is"],
  ['AGENT_TOKEN_ISSUER', '', "the cluster's issuer, as its tokens name it"],
  ['AGENT_TOKEN_KEYS', '', "URL or file of the cluster's keys (JWKS)"],
  ['AGENT_TOKEN_KEYS_CA_FILE', '', "authorities of that URL's server, PEM"],
  ['AGENT_TOKEN_KEYS_TOKEN_FILE', '', 'file with a bearer token that the URL asks for'],
  [
    'SECRET_KEY_FILE',
    '',
    'keys that encrypt secrets in the store, one a line, the newest first; `chester secrets new-key` makes one',
  ],
  ['SECRET_MANAGER_URL', '', "another Secret Manager than Google's, for example a fake; then no credentials are used"],
  ['AUDIT_KEEP_DAYS', '365', 'how long the trail of changes is kept'],
  ['AUDIT_MAX', '20000', 'how many changes are kept in it'],
];

const audienceRule = {
  pattern:
    /^\/projects\/\d+\/(?:global\/backendServices\/\d+|apps\/[a-z0-9:.-]+|locations\/[a-z0-9-]+\/services\/[a-z0-9-]+)$/,
  allowed: '/projects/NUMBER/global/backendServices/ID or /projects/NUMBER/apps/PROJECT',
};
const locationRule = {
  pattern: /^(?:https:\/\/\S+|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/\S*)?|\/\S+)$/,
  allowed: 'an https URL or an absolute path',
};
const issuerRule = {
  pattern: /^https?:\/\/\S{1,300}$|^[A-Za-z0-9:/._-]{1,300}$/,
  allowed: 'the text that tokens name as iss',
};
const rootUrlRule = { pattern: /^https?:\/\/[^\s?#]+\/$/, allowed: 'an http or https URL that ends in /' };
const dayMs = 24 * 3_600_000;

/** Parses what concerns access; problems go to `reader`. */
export function parseAccessConfig(reader: EnvironmentReader, listenHost: string): AccessConfig {
  const access: AccessConfig = {
    accessFile: optional(reader.text('ACCESS_FILE', '')),
    tls: parseTls(reader),
    iap: parseIap(reader),
    agentTokens: parseAgentTokens(reader),
    secretKeyFile: optional(reader.text('SECRET_KEY_FILE', '')),
    secretManagerUrl: optional(reader.text('SECRET_MANAGER_URL', '', rootUrlRule)),
    isLoopback: isLoopback(listenHost),
    isInsecureAllowed: reader.boolean('INSECURE_LISTEN', false),
    auditKeepMs: reader.integer('AUDIT_KEEP_DAYS', 365, { min: 1, max: 3650 }) * dayMs,
    auditMax: reader.integer('AUDIT_MAX', 20_000, { min: 100, max: 1_000_000 }),
  };
  const isPlainHttpAllowed = reader.boolean('INSECURE_HTTP', false);
  if (access.iap !== null && access.accessFile === null) {
    reader.problems.push('ACCESS_FILE is not set; it is required with IAP_AUDIENCE, and names who may do what');
  }
  if (!access.isLoopback && !access.isInsecureAllowed) checkExposed(access, { listenHost, isPlainHttpAllowed }, reader);
  return access;
}

/** What others reach is encrypted and asks who calls, or is opened by order. */
function checkExposed(
  { tls, accessFile }: AccessConfig,
  { listenHost, isPlainHttpAllowed }: { readonly listenHost: string; readonly isPlainHttpAllowed: boolean },
  { problems }: EnvironmentReader,
): void {
  const host = `LISTEN_HOST is ${JSON.stringify(listenHost)}`;
  if (tls === null) {
    problems.push(
      `${host}; allowed: a loopback address, or any with TLS_CERT_FILE and TLS_KEY_FILE, or with INSECURE_LISTEN=true (gRPC is not encrypted)`,
    );
    return;
  }
  if (!tls.isHttpToo && !isPlainHttpAllowed) {
    problems.push(`${host} and HTTP is not encrypted; allowed: HTTP_TLS=true, or INSECURE_HTTP=true`);
  }
  if (accessFile === null) {
    problems.push(`ACCESS_FILE is not set; it is required while ${host}, which others reach`);
  }
}

function parseTls(reader: EnvironmentReader): AccessConfig['tls'] {
  const certificateFile = reader.text('TLS_CERT_FILE', '');
  const keyFile = reader.text('TLS_KEY_FILE', '');
  const clientCaFile = optional(reader.text('TLS_CLIENT_CA_FILE', ''));
  const isHttpToo = reader.boolean('HTTP_TLS', false);
  if ((certificateFile === '') !== (keyFile === '')) {
    const missing = certificateFile === '' ? 'TLS_CERT_FILE' : 'TLS_KEY_FILE';
    reader.problems.push(`${missing} is not set; allowed: both of TLS_CERT_FILE and TLS_KEY_FILE, or neither`);
  }
  const isOn = certificateFile !== '' && keyFile !== '';
  if (!isOn && (clientCaFile !== null || isHttpToo)) {
    const set = clientCaFile === null ? 'HTTP_TLS' : 'TLS_CLIENT_CA_FILE';
    reader.problems.push(`${set} is set; allowed: only with TLS_CERT_FILE and TLS_KEY_FILE`);
  }
  return isOn ? { certificateFile, keyFile, clientCaFile, isHttpToo } : null;
}

function parseIap(reader: EnvironmentReader): AccessConfig['iap'] {
  const audience = reader.text('IAP_AUDIENCE', '', audienceRule);
  const keys = reader.text('IAP_KEYS', 'https://www.gstatic.com/iap/verify/public_key-jwk', locationRule);
  return audience === '' ? null : { audience, keys };
}

function parseAgentTokens(reader: EnvironmentReader): AccessConfig['agentTokens'] {
  const audience = reader.text('AGENT_TOKEN_AUDIENCE', '');
  const issuer = reader.text('AGENT_TOKEN_ISSUER', '', issuerRule);
  const keys = reader.text('AGENT_TOKEN_KEYS', '', locationRule);
  const keysCaFile = optional(reader.text('AGENT_TOKEN_KEYS_CA_FILE', ''));
  const keysTokenFile = optional(reader.text('AGENT_TOKEN_KEYS_TOKEN_FILE', ''));
  const parts = { AGENT_TOKEN_AUDIENCE: audience, AGENT_TOKEN_ISSUER: issuer, AGENT_TOKEN_KEYS: keys };
  const missing = Object.entries(parts).filter(([, value]) => value === '');
  if (missing.length === 3) return null;
  for (const [name] of missing) {
    reader.problems.push(`${name} is not set; it is required with the others of AGENT_TOKEN_*`);
  }
  return { audience, issuer, keys, keysCaFile, keysTokenFile };
}

function optional(text: string): string | null {
  return text === '' ? null : text;
}
