import type { EnvironmentReader } from '../process/environment.ts';
import type { LegacySettings } from './core/legacy-databases.ts';
import { labelName, projectId, userName } from './core/names.ts';

/** How Chester's HTTP API is offered. */
export type LegacyConfig = {
  readonly isEnabled: boolean;
  readonly settings: LegacySettings;
  /** Whether every HTTP request leaves a line in the log. */
  readonly logRequests: boolean;
};

/** Rows of `chester coordinator --help`. */
export const legacyEnvironmentHelp: readonly (readonly [name: string, fallback: string, meaning: string])[] = [
  ['LEGACY_API', 'true', "whether Chester's HTTP API answers at the root of the HTTP port"],
  ['LEGACY_PROJECT', '', 'Google Cloud project of databases that are added by it; none: no database can be added'],
  ['LEGACY_FLEET', '{name}', 'fleet of such a database; {name} stands for the database, so that each has its own'],
  ['LEGACY_CELL', 'default', 'cell of the fleets that are made for such databases'],
  ['LEGACY_GATE_USERNAME', 'chester-gate', 'login that new replicas of such databases are tried with'],
  ['LEGACY_GATE_SECRET', 'gate', "name of the secret that holds that login's password"],
  ['HTTP_LOG_REQUESTS', 'false', 'whether every HTTP request is logged: method, route, status; never URL or body'],
];

const fleetRule = {
  pattern: /^(?:\{name\}|[a-z])(?:\{name\}|[a-z0-9-]){0,62}$/,
  allowed: 'a name of a-z, 0-9 and -, in which {name} stands for the database',
};

/** Parses the part of the environment that is about Chester's HTTP API. */
export function parseLegacyConfig(reader: EnvironmentReader): LegacyConfig {
  const project = reader.text('LEGACY_PROJECT', '');
  if (project !== '' && !projectId.pattern.test(project)) {
    reader.problems.push(`LEGACY_PROJECT is ${JSON.stringify(project)}; allowed: ${projectId.allowed}`);
  }
  return {
    isEnabled: reader.boolean('LEGACY_API', true),
    settings: {
      fleet: reader.text('LEGACY_FLEET', '{name}', fleetRule),
      cell: reader.text('LEGACY_CELL', 'default', labelName),
      project,
      gateUsername: reader.text('LEGACY_GATE_USERNAME', 'chester-gate', userName),
      gateSecret: reader.text('LEGACY_GATE_SECRET', 'gate', labelName),
    },
    logRequests: reader.boolean('HTTP_LOG_REQUESTS', false),
  };
}
