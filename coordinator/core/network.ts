import type { CloudInstance } from './cloud.ts';
import type { Problem } from './problems.ts';

type Reachable = Pick<CloudInstance, 'connectivity' | 'shape'>;

/**
 * What of a primary's network the proxies cannot use. They connect to private addresses (private services access):
 * neither endpoints of Private Service Connect nor Google's connectors are between them and a replica.
 */
export function findNetworkProblems({ connectivity, shape }: Reachable): Problem[] {
  const problems: Problem[] = [];
  const ip = 'settings.ipConfiguration';
  if (connectivity.hasPsc) {
    const allowed = 'false: Private Service Connect is not supported, every replica would need an endpoint of its own';
    problems.push({ field: `${ip}.pscConfig.pscEnabled`, value: 'true', allowed });
  }
  if (connectivity.requiresConnector) {
    const allowed = 'NOT_REQUIRED: proxies log in without a connector, and Cloud SQL creates no replica';
    problems.push({ field: 'settings.connectorEnforcement', value: 'REQUIRED', allowed });
  }
  if (shape.network === null && !connectivity.hasPsc) {
    const allowed = 'a VPC network (private services access): an instance with a public address only is not supported';
    problems.push({ field: `${ip}.privateNetwork`, value: 'unset', allowed });
  }
  return problems;
}
