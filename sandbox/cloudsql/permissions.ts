import type { FastifyInstance } from 'fastify';
import { apiError } from './api-error.ts';
import { isJsonObject } from './json.ts';

/**
 * Adds Resource Manager's question which of some permissions one has. All are granted but those that
 * `PUT /sandbox/denied-permissions` names.
 */
export function addPermissionRoutes(server: FastifyInstance): void {
  let denied: readonly string[] = [];
  server.post('/v3/projects/:project::testIamPermissions', ({ body }) => ({
    permissions: readPermissions(body).filter((permission) => !denied.includes(permission)),
  }));
  server.put('/sandbox/denied-permissions', ({ body }) => {
    denied = readPermissions(body);
    return { permissions: denied };
  });
}

function readPermissions(body: unknown): readonly string[] {
  const list: unknown = isJsonObject(body) ? body['permissions'] : undefined;
  if (!Array.isArray(list) || !list.every((one) => typeof one === 'string')) {
    throw apiError('invalid', 'Invalid request: permissions must be a list of texts.');
  }
  return list;
}
