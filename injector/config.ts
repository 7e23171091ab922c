import { EnvironmentReader } from '../process/environment.ts';
import { type LogLevel, logLevels } from '../process/log.ts';
import {
  type EnvironmentHelp,
  type InjectionConfig,
  injectionEnvironmentHelp,
  parseInjectionSettings,
} from './config-injection.ts';

/** What an injector is told at its start. */
export type InjectorConfig = InjectionConfig & {
  /** `null`: all addresses. */
  readonly listenHost: string | null;
  readonly webhookPort: number;
  readonly httpPort: number;
  readonly requestsMax: number;
  readonly certificate:
    | { readonly kind: 'files'; readonly certificateFile: string; readonly keyFile: string }
    | {
        readonly kind: 'own';
        readonly namespace: string;
        readonly secret: string;
        readonly webhookConfiguration: string;
        readonly names: readonly string[];
      };
  readonly missedIntervalMs: number;
  /** From SIGTERM until it stops listening. */
  readonly stopDelayMs: number;
  readonly logLevel: LogLevel;
};

export const injectorEnvironmentHelp: EnvironmentHelp = [
  ...injectionEnvironmentHelp,
  ['LISTEN_HOST', '', 'where it listens; empty: on all addresses'],
  ['WEBHOOK_PORT', '9443', 'POST /inject, by TLS; 0 takes any free port'],
  ['HTTP_PORT', '8080', 'probes and metrics; 0 takes any free port'],
  ['REQUESTS_MAX', '64', 'how many requests are answered at a time; those beyond get 503'],
  ['TLS_CERT_FILE', '/etc/chester/webhook/tls.crt', "the webhook's certificate, read again when it changes"],
  ['TLS_KEY_FILE', '/etc/chester/webhook/tls.key', 'its key'],
  ['CERTIFICATE_SECRET', '', 'makes the certificate itself, and keeps it in this secret in place of the files'],
  ['POD_NAMESPACE', '', "with CERTIFICATE_SECRET: the secret's namespace"],
  ['WEBHOOK_CONFIGURATION', '', 'with CERTIFICATE_SECRET: the MutatingWebhookConfiguration that has to trust it'],
  ['WEBHOOK_NAMES', '', 'with CERTIFICATE_SECRET: DNS names of the Service, with commas'],
  ['MISSED_INTERVAL_SECONDS', '60', 'how often it looks for pods that run without the agent they ask for; 0: never'],
  ['STOP_DELAY_MS', '5000', 'how long it still answers after SIGTERM'],
  ['LOG_LEVEL', 'info', logLevels.join(', ')],
];

const objectName = {
  pattern: /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/,
  allowed: 'a name of an object in Kubernetes',
};
const names = { pattern: /^[a-z0-9.-]{1,253}(?:,[a-z0-9.-]{1,253}){0,9}$/, allowed: 'up to ten DNS names with commas' };
const anyPort = { min: 0, max: 65_535 };

/** Parses the environment, or lists everything that is wrong with it. */
export function parseInjectorConfig(
  env: Readonly<Record<string, string | undefined>>,
  readText: (path: string) => string,
): { readonly config: InjectorConfig } | { readonly problems: readonly string[] } {
  const reader = new EnvironmentReader(env);
  const config: InjectorConfig = {
    ...parseInjectionSettings(reader, readText),
    listenHost: reader.text('LISTEN_HOST', '') || null,
    webhookPort: reader.integer('WEBHOOK_PORT', 9443, anyPort),
    httpPort: reader.integer('HTTP_PORT', 8080, anyPort),
    requestsMax: reader.integer('REQUESTS_MAX', 64, { min: 1, max: 10_000 }),
    certificate: parseCertificate(reader),
    missedIntervalMs: reader.integer('MISSED_INTERVAL_SECONDS', 60, { min: 0, max: 86_400 }) * 1000,
    stopDelayMs: reader.integer('STOP_DELAY_MS', 5000, { min: 0, max: 60_000 }),
    logLevel: reader.oneOf('LOG_LEVEL', 'info', logLevels),
  };
  return reader.problems.length > 0 ? { problems: reader.problems } : { config };
}

function parseCertificate(reader: EnvironmentReader): InjectorConfig['certificate'] {
  const secret = reader.text('CERTIFICATE_SECRET', '', objectName);
  if (secret === '') {
    const certificateFile = reader.text('TLS_CERT_FILE', '/etc/chester/webhook/tls.crt');
    return { kind: 'files', certificateFile, keyFile: reader.text('TLS_KEY_FILE', '/etc/chester/webhook/tls.key') };
  }
  return {
    kind: 'own',
    secret,
    namespace: reader.text('POD_NAMESPACE', null, objectName),
    webhookConfiguration: reader.text('WEBHOOK_CONFIGURATION', null, objectName),
    names: reader.text('WEBHOOK_NAMES', null, names).split(','),
  };
}
