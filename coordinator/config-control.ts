import type { EnvironmentReader } from '../process/environment.ts';
import { labelName } from './core/names.ts';

/** How this coordinator takes its part among several. */
export type ControlConfig = {
  readonly leaseTtlMs: number;
  readonly mayDecide: boolean;
  /** Empty: one cell, which nobody names. */
  readonly cell: string;
  /** Null: pods are not watched. */
  readonly pods: PodConfig | null;
};

/** Which pods of this cluster are listed, and how. */
export type PodConfig = {
  readonly namespaces: readonly string[];
  readonly selector: string;
  readonly apiUrl: string;
  readonly serviceAccountDir: string;
};

/** Lines of `chester coordinator --help`. */
export const controlHelp: readonly (readonly [name: string, fallback: string, meaning: string])[] = [
  ['CELL', '', 'this cluster or region, where several share one store; empty for an installation that is one cell'],
  ['LEASE_TTL_MS', '10000', 'with a shared store: how long after its last sign the deciding coordinator is replaced'],
  [
    'POD_NAMESPACES',
    '',
    'namespaces of this cluster whose pods are listed, separated by commas, so that an agent whose pod is gone leaves ' +
      'the rosters; empty switches it off',
  ],
  ['POD_SELECTOR', '', 'label selector of the pods that are listed; empty for all'],
  ['KUBERNETES_API', 'https://kubernetes.default.svc/', "the cluster's API server"],
  [
    'SERVICE_ACCOUNT_DIR',
    '/var/run/secrets/kubernetes.io/serviceaccount',
    'token and ca.crt for it, re-read each time',
  ],
  ['MAY_DECIDE', 'true', 'false where there are no credentials for Cloud SQL: serves agents and never decides'],
];

const namespaceList = {
  pattern: /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:,[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/,
  allowed: 'names of namespaces, separated by commas',
};
const apiUrlRule = {
  pattern: /^(?:https:\/\/[^\s?#]+|http:\/\/127\.0\.0\.1:\d+)\/$/,
  allowed: 'an https URL that ends in /',
};

/** Reads them. Problems are left with the reader. */
export function parseControl(reader: EnvironmentReader): ControlConfig {
  return {
    leaseTtlMs: reader.integer('LEASE_TTL_MS', 10_000, { min: 1000, max: 300_000 }),
    mayDecide: reader.boolean('MAY_DECIDE', true),
    cell: reader.text('CELL', '', labelName),
    pods: parsePods(reader),
  };
}

function parsePods(reader: EnvironmentReader): PodConfig | null {
  const namespaces = reader
    .text('POD_NAMESPACES', '', namespaceList)
    .split(',')
    .filter((name) => name !== '');
  const config = {
    namespaces,
    selector: reader.text('POD_SELECTOR', ''),
    apiUrl: reader.text('KUBERNETES_API', 'https://kubernetes.default.svc/', apiUrlRule),
    serviceAccountDir: reader.text('SERVICE_ACCOUNT_DIR', '/var/run/secrets/kubernetes.io/serviceaccount'),
  };
  return namespaces.length === 0 ? null : config;
}
