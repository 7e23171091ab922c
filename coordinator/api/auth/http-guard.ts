import { TLSSocket } from 'node:tls';
import type { IncomingMessage } from 'node:http';
import type { Caller, Need } from '../../core/access.ts';
import type { AuditedAct } from '../../core/audit.ts';
import type { AuditTrail } from './audit.ts';
import { certificateNames } from './certificate-names.ts';
import { authorise, type Gate, type Shown } from './gate.ts';

export type HttpGuardDeps = { readonly gate: Gate; readonly audit: AuditTrail };

/** What an HTTP call does. */
export type HttpAct = {
  /** All of them. */
  readonly needs: readonly Need[];
  /** A change is written into the audit trail, also one that was denied. */
  readonly isChange: boolean;
  /** The route, for example `PATCH /queryrules/:id`. */
  readonly what: string;
  readonly request: unknown;
};

export type HttpAdmission =
  | { readonly isAdmitted: true; readonly caller: Caller }
  | {
      readonly isAdmitted: false;
      readonly status: 401 | 403 | 503;
      readonly message: string;
      readonly headers: Readonly<Record<string, string>>;
    };

/** The guard of HTTP routes that administrators call: the same gate and the same audit trail as gRPC's. */
export class HttpGuard {
  readonly #deps: HttpGuardDeps;

  constructor(deps: HttpGuardDeps) {
    this.#deps = deps;
  }

  /** Admits a call or not, before anything is looked up. A change that is denied goes into the audit trail. */
  async admit(request: IncomingMessage, act: HttpAct): Promise<HttpAdmission> {
    const { gate, audit } = this.#deps;
    const shown = shownByRequest(request);
    const admission = await authorise(gate, shown, act.needs);
    if (admission.outcome === 'admitted') return { isAdmitted: true, caller: admission.caller };
    const { message } = admission;
    const caller = admission.outcome === 'denied' ? admission.caller : null;
    const status = ({ unknown: 401, busy: 503, denied: 403 } as const)[admission.outcome];
    if (act.isChange) audit.denied(toAct(request, caller, act), String(status));
    const headers = {
      401: { 'www-authenticate': 'Basic realm="chester"' },
      403: {},
      503: { 'retry-after': '1' },
    }[status];
    return { isAdmitted: false, status, message, headers };
  }

  /**
   * Makes a change that leaves its trace: before it is begun, and what became of it.
   *
   * @param outcomeOf names how it ended, for example an HTTP status.
   * @throws {CoordinatorError} STORE_UNAVAILABLE: nothing was done.
   */
  async change<T>(
    { request, caller, act }: { readonly request: IncomingMessage; readonly caller: Caller; readonly act: HttpAct },
    make: () => Promise<T>,
    outcomeOf: (result: T) => string,
  ): Promise<T> {
    const entry = await this.#deps.audit.begin(toAct(request, caller, act));
    try {
      const result = await make();
      await entry.finish(outcomeOf(result));
      return result;
    } catch (error) {
      await entry.finish('FAILED');
      throw error;
    }
  }
}

function toAct(message: IncomingMessage, caller: Caller | null, { needs, what, request }: HttpAct): AuditedAct {
  const { 'x-chester-reason': given } = message.headers;
  const { source } = shownByRequest(message);
  const scopes = needs.map(({ scope }) => scope);
  return { caller, source, what, scopes, reason: typeof given === 'string' ? given : '', request };
}

function shownByRequest({ headers, socket }: IncomingMessage): Shown {
  const iap = headers['x-goog-iap-jwt-assertion'];
  const certificate = socket instanceof TLSSocket && socket.authorized ? socket.getPeerCertificate() : null;
  return {
    source: socket.remoteAddress ?? 'unknown',
    authorization: headers.authorization ?? '',
    iapAssertion: typeof iap === 'string' ? iap : '',
    certificateNames: certificate === null ? [] : certificateNames(certificate),
  };
}
