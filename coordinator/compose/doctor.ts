import { GoogleProjectAdapter } from '../adapters/google-project.ts';
import type { ProxySecretsAdapter } from '../adapters/proxy-secrets.ts';
import type { SecretReader } from '../adapters/secrets.ts';
import { MysqlServerInspector } from '../adapters/server-inspector.ts';
import type { CoordinatorConfig } from '../config.ts';
import { Doctor } from '../loops/doctor.ts';
import type { StoreInspector } from '../ports.ts';
import type { Shared } from './shared.ts';

/** Makes what looks at everything that a group needs. */
export function composeDoctor(
  { cloudSqlRootUrl: rootUrl, cloudSqlDeadlineMs }: CoordinatorConfig,
  deps: Pick<Shared, 'store' | 'clock'> & {
    readonly storeInspector: StoreInspector;
    readonly secrets: SecretReader;
    readonly proxySecrets: ProxySecretsAdapter;
  },
): Doctor {
  const { store, clock, secrets, proxySecrets, storeInspector } = deps;
  const google = new GoogleProjectAdapter({ rootUrl, deadlineMs: Math.min(cloudSqlDeadlineMs, 5000) });
  const inspector = new MysqlServerInspector({ secrets }, { deadlineMs: 3000 });
  return new Doctor({ store, clock, google, inspector, storeInspector, secrets: proxySecrets });
}
