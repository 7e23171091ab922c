import type { AdminServiceHandlers } from '../../proto/gen/chester/v1/AdminService.ts';
import type { Logger } from '../../process/log.ts';
import type { Store } from '../ports.ts';
import { unary } from './admin-call.ts';
import { listAudit } from './audit-view.ts';
import type { SecretAdmin } from './secret-admin.ts';

export type TrailHandlersDeps = { readonly store: Store; readonly log: Logger; readonly secretAdmin: SecretAdmin };

type Methods = 'ListAudit' | 'ListSecrets' | 'PutSecret' | 'DeleteSecret' | 'RotateSecretKey';

/** The methods about the audit trail and about secrets. */
export function trailHandlers(deps: TrailHandlersDeps): Pick<AdminServiceHandlers, Methods> {
  const { secretAdmin } = deps;
  return {
    ListAudit: unary(deps, (request) => listAudit(deps, request)),
    ListSecrets: unary(deps, async () => {
      const result = await secretAdmin.list();
      return result.ok ? { ok: true, value: { ...result.value, secrets: [...result.value.secrets] } } : result;
    }),
    PutSecret: unary(deps, ({ name, value, resource }) => secretAdmin.put(name, { value, resource })),
    DeleteSecret: unary(deps, async ({ name }) => {
      const result = await secretAdmin.delete(name);
      return result.ok ? { ok: true, value: {} } : result;
    }),
    RotateSecretKey: unary(deps, async () => {
      const result = await secretAdmin.rotateKey();
      return result.ok ? { ok: true, value: { ...result.value, names: [...result.value.names] } } : result;
    }),
  };
}
