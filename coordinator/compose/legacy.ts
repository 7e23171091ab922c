import type { Logger } from '../../process/log.ts';
import type { HttpGuard } from '../api/auth/http-guard.ts';
import type { HttpRoutes } from '../api/http-server.ts';
import { LegacyDatabases, type LegacyDatabasesDeps } from '../api/legacy/databases.ts';
import { LegacyFront } from '../api/legacy/front.ts';
import { buildOpenApi } from '../api/legacy/openapi.ts';
import { PasswordKeeper, type PasswordKeeperDeps } from '../api/legacy/password-keeper.ts';
import { addRequestLog } from '../api/request-log.ts';
import type { LegacyConfig } from '../config-legacy.ts';

/** Makes what answers on the HTTP port besides probes and webhook: Chester's API, and the description of it all. */
export function composeLegacy(
  { isEnabled, settings, logRequests }: LegacyConfig,
  deps: Omit<LegacyDatabasesDeps, 'passwords'> &
    PasswordKeeperDeps & { readonly access: { readonly httpGuard: HttpGuard }; readonly log: Logger },
): readonly HttpRoutes[] {
  const { access, log } = deps;
  const guard = access.httpGuard;
  const databases = new LegacyDatabases({ ...deps, passwords: new PasswordKeeper(deps) }, settings);
  const front = new LegacyFront({ databases, guard, log });
  const document = JSON.stringify(buildOpenApi());
  return [
    (app) => {
      if (logRequests) addRequestLog(app, log);
      app.get('/openapi.json', (_request, reply) => reply.type('application/json; charset=utf-8').send(document));
      if (isEnabled) front.addTo(app);
    },
  ];
}
