import type { FastifyInstance } from 'fastify';
import { apiError } from './api-error.ts';
import { parseFault } from './faults.ts';
import type { HttpDeps } from './http.ts';
import { isJsonObject } from './json.ts';
import { addPermissionRoutes } from './permissions.ts';

/** Adds the endpoints that the Admin API does not have: faults, lag, certificates and counts. `emulator.ts` describes them. */
export function addSandboxRoutes(
  server: FastifyInstance,
  deps: HttpDeps & { readonly rotateServerCa: (name: string) => void },
): void {
  const { model, faults, calls, settle, rotateServerCa } = deps;
  addPermissionRoutes(server);
  server.get('/sandbox/faults', () => ({ faults: faults.pending() }));
  server.post('/sandbox/faults', ({ body }) => {
    const fault = parseFault(body);
    if (typeof fault === 'string') throw apiError('invalid', fault);
    faults.add(fault);
    return { faults: faults.pending() };
  });
  server.delete('/sandbox/faults', () => {
    faults.clear();
    return { faults: [] };
  });
  server.get('/sandbox/calls', () => ({ calls: calls.counts() }));
  server.delete('/sandbox/calls', () => {
    calls.clear();
    return { calls: calls.counts() };
  });
  server.post<{ Params: { readonly name: string } }>('/sandbox/instances/:name/lag', ({ params, body }) => {
    const seconds = isJsonObject(body) ? body['seconds'] : undefined;
    const isValid = seconds === null || (Number.isInteger(seconds) && Number(seconds) >= 0);
    if (!isValid) throw apiError('invalid', 'seconds must be null or a whole number from 0');
    const lagSeconds = seconds === null ? null : Number(seconds);
    model.setLag(params.name, lagSeconds);
    settle();
    return { name: params.name, seconds: lagSeconds };
  });
  server.post<{ Params: { readonly name: string } }>('/sandbox/instances/:name/server-ca', ({ params }) => {
    rotateServerCa(params.name);
    settle();
    return { name: params.name };
  });
}
