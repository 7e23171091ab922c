import type { FastifyInstance } from 'fastify';
import type { Logger } from '../../process/log.ts';

/**
 * Logs every request: method, route and how it ended. Never a URL, a header or a body: they carry tokens and passwords.
 */
export function addRequestLog(app: FastifyInstance, log: Logger): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { url: route = '(none)' } = request.routeOptions;
    const ms = Math.round(reply.elapsedTime);
    log.info({ method: request.method, route, status: reply.statusCode, ms, source: request.ip }, 'http request');
    done();
  });
}
