import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  status as grpcStatus,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Logger } from '../../../process/log.ts';
import { type Caller, seesEverything, seesGroup } from '../../core/access.ts';
import type { AuditedAct } from '../../core/audit.ts';
import { adminMethods, type AdminMethod, type AdminRequest, type MethodRule, textAt } from './admin-methods.ts';
import type { AuditEntry, AuditTrail } from './audit.ts';
import { type Admission, authorise, type Gate } from './gate.ts';
import { undecodable } from '../lenient-service.ts';
import { shownByCall } from './grpc-shown.ts';

export type AdminGuardDeps = { readonly gate: Gate; readonly audit: AuditTrail; readonly log: Logger };

type Unary = ServerUnaryCall<AdminRequest, AdminRequest>;
type Streaming = ServerWritableStream<AdminRequest, AdminRequest>;
type AdminAdmission = Admission | { readonly outcome: 'bad'; readonly message: string };
type Refusal = { readonly code: grpcStatus; readonly details: string };

const callers = new WeakMap<object, Caller>();

/** Who makes a call that was admitted. */
export function callerOf(call: object): Caller | null {
  return callers.get(call) ?? null;
}

/**
 * Puts the guard before every method of AdminService: who calls, whether that one may, and the audit trail of changes.
 * No handler checks anything of this itself.
 *
 * @throws {Error} when a method has no rule.
 */
export function guardAdmin(deps: AdminGuardDeps, handlers: UntypedServiceImplementation): UntypedServiceImplementation {
  const guarded = Object.entries(handlers).map(([method, handler]) => {
    if (!Object.hasOwn(adminMethods, method)) throw new Error(`AdminService.${method} has no rule in admin-methods.ts`);
    const rule = adminMethods[method as AdminMethod];
    return [
      method,
      method === 'WatchEvents'
        ? guardStream(deps, { method, rule }, handler as handleServerStreamingCall<AdminRequest, AdminRequest>)
        : guardUnary(deps, { method, rule }, handler as handleUnaryCall<AdminRequest, AdminRequest>),
    ];
  });
  return Object.fromEntries(guarded) as UntypedServiceImplementation;
}

type Guarded = { readonly method: string; readonly rule: MethodRule };

function guardUnary(
  deps: AdminGuardDeps,
  { method, rule }: Guarded,
  handler: handleUnaryCall<AdminRequest, AdminRequest>,
): handleUnaryCall<AdminRequest, AdminRequest> {
  const answer = async (call: Unary, callback: sendUnaryData<AdminRequest>): Promise<void> => {
    const admission = await admit(deps, { method, rule }, call);
    if (admission.outcome !== 'admitted') {
      callback(refusalOf(admission));
      return;
    }
    const { caller } = admission;
    callers.set(call, caller);
    const entry = rule.isChange ? await deps.audit.begin(actOf({ method, rule }, call, caller)) : null;
    handler(call, (error, response, ...rest) => {
      const code = error === null ? 'OK' : nameOf(error.code);
      finish(entry, code).then(
        () => {
          callback(error, response ? narrowFor(caller, rule, response) : response, ...rest);
        },
        () => undefined,
      );
    });
  };
  return (call, callback) => {
    answer(call, callback).catch((error: unknown) => {
      deps.log.error({ method, err: error }, 'admin call was not begun');
      callback({ code: grpcStatus.UNAVAILABLE, details: 'the coordinator cannot store this now; try again' });
    });
  };
}

function guardStream(
  deps: AdminGuardDeps,
  { method, rule }: Guarded,
  handler: handleServerStreamingCall<AdminRequest, AdminRequest>,
): handleServerStreamingCall<AdminRequest, AdminRequest> {
  const open = async (call: Streaming): Promise<void> => {
    const admission = await admit(deps, { method, rule }, call);
    if (call.cancelled) return;
    if (admission.outcome !== 'admitted') {
      call.emit('error', refusalOf(admission));
      return;
    }
    callers.set(call, admission.caller);
    if (!seesEverything(admission.caller)) narrowStream(call, admission.caller, rule);
    handler(call);
  };
  return (call) => {
    open(call).catch((error: unknown) => {
      deps.log.error({ method, err: error }, 'admin stream was not begun');
      if (!call.cancelled) call.emit('error', { code: grpcStatus.UNAVAILABLE, details: 'try again' });
    });
  };
}

/** Who may not see everything gets only the messages that concern what that one may see. */
function narrowStream(call: Streaming, caller: Caller, rule: MethodRule): void {
  const write = call.write.bind(call);
  call.write = (message: AdminRequest): boolean => {
    const narrowed = narrowFor(caller, rule, message);
    return narrowed === null ? true : write(narrowed);
  };
}

function narrowFor(caller: Caller, { narrow }: MethodRule, answer: AdminRequest): AdminRequest | null {
  return narrow === undefined || seesEverything(caller) ? answer : narrow(answer, (group) => seesGroup(caller, group));
}

async function admit(
  deps: AdminGuardDeps,
  { method, rule }: Guarded,
  call: Unary | Streaming,
): Promise<AdminAdmission> {
  if (call.request === undecodable) return admitUndecodable(deps, call);
  const admission = await authorise(deps.gate, shownByCall(call), rule.needs(call.request));
  if (rule.isChange && admission.outcome !== 'admitted') {
    const caller = admission.outcome === 'denied' ? admission.caller : null;
    deps.audit.denied(actOf({ method, rule }, call, caller), nameOf(refusalOf(admission).code));
  }
  return admission;
}

/** Who may see nothing learns nothing of how a request has to be. */
async function admitUndecodable({ gate }: AdminGuardDeps, call: Unary | Streaming): Promise<AdminAdmission> {
  const admission = await authorise(gate, shownByCall(call), [{ permission: 'view', scope: { kind: 'visible' } }]);
  return admission.outcome === 'admitted'
    ? { outcome: 'bad', message: 'the request is no message of this method' }
    : admission;
}

function actOf({ method, rule }: Guarded, call: Unary | Streaming, caller: Caller | null): AuditedAct {
  const [given] = call.metadata.get('chester-reason');
  const reason = textAt(call.request, ['reason']);
  return {
    caller,
    source: shownByCall(call).source,
    what: method,
    scopes: rule.needs(call.request).map(({ scope }) => scope),
    reason: reason === '' && typeof given === 'string' ? given : reason,
    request: call.request,
  };
}

function refusalOf(admission: Exclude<AdminAdmission, { outcome: 'admitted' }>): Refusal {
  const codes = {
    bad: grpcStatus.INVALID_ARGUMENT,
    unknown: grpcStatus.UNAUTHENTICATED,
    busy: grpcStatus.RESOURCE_EXHAUSTED,
    denied: grpcStatus.PERMISSION_DENIED,
  };
  return { code: codes[admission.outcome], details: admission.message };
}

async function finish(entry: AuditEntry | null, outcome: string): Promise<void> {
  await entry?.finish(outcome);
}

function nameOf(code: grpcStatus | undefined): string {
  return grpcStatus[code ?? grpcStatus.UNKNOWN];
}
