import { type sendUnaryData, type ServerUnaryCall, status as grpcStatus } from '@grpc/grpc-js';
import { systemClock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { seesEverything, seesGroup } from '../core/access.ts';
import type { Author } from '../core/history.ts';
import { callerOf } from './auth/admin-guard.ts';
import { type AdminFault, type AdminFaultCode, type AdminResult, concealOthers } from './admin-result.ts';
import { cutText, errorMetadata } from './error-details.ts';

export const grpcCodes: Readonly<Record<AdminFaultCode, grpcStatus>> = {
  INVALID: grpcStatus.INVALID_ARGUMENT,
  NOT_FOUND: grpcStatus.NOT_FOUND,
  ALREADY_EXISTS: grpcStatus.ALREADY_EXISTS,
  CONFLICT: grpcStatus.ABORTED,
  PRECONDITION: grpcStatus.FAILED_PRECONDITION,
  OUT_OF_RANGE: grpcStatus.OUT_OF_RANGE,
  TIMEOUT: grpcStatus.DEADLINE_EXCEEDED,
};

/** No call takes longer, whatever its caller allows. */
const callDeadlineMs = 30_000;

type Call<Request, Response> = ServerUnaryCall<Request, Response>;

/** Whether who calls may see what concerns a group; an empty name stands for the installation. */
export type Sees = (group: string) => boolean;

/** How a method answers; `author` is who calls, for what it keeps. */
export type Answer<Request, Response> = (
  request: Request,
  author: Author,
  sees: Sees,
) => Promise<AdminResult<Response>>;

/**
 * Answers one unary call: within the caller's deadline and ours, with a refusal's details for programs. A call whose time
 * is over before it begins does nothing. What nobody foresaw is logged here and told without its insides.
 */
export function unary<Request, Response>(
  { log }: { readonly log: Logger },
  answer: Answer<Request, Response>,
): (call: Call<Request, Response>, callback: sendUnaryData<Response>) => void {
  return (call, callback) => {
    const leftMs = Math.min(callDeadlineMs, leftOf(call.getDeadline()));
    if (call.cancelled || leftMs <= 0) {
      callback(refusal(timeout(0)));
      return;
    }
    let isAnswered = false;
    const once = (act: () => void) => {
      if (isAnswered) return;
      isAnswered = true;
      cancel();
      act();
    };
    const cancel = systemClock.setTimer(leftMs, () => {
      once(() => {
        callback(refusal(timeout(leftMs)));
      });
    });
    const sees = seesOf(call);
    const start = async () => answer(call.request, authorOf(call), sees);
    start().then(
      (result) => {
        once(() => {
          if (result.ok) callback(null, result.value);
          else callback(refusal(concealOthers(result, sees)));
        });
      },
      (error: unknown) => {
        log.error({ method: call.getPath(), err: error }, 'admin call failed');
        once(() => {
          callback({ code: grpcStatus.INTERNAL, details: 'the coordinator failed; its log says why' });
        });
      },
    );
  };
}

function refusal(fault: AdminFault) {
  const code = grpcCodes[fault.code];
  return { code, details: cutText(fault.message), metadata: errorMetadata(fault, code) };
}

function timeout(afterMs: number): AdminFault {
  const message = `not answered within ${Math.round(afterMs)} ms; what was begun may still be done`;
  return { ok: false, code: 'TIMEOUT', message };
}

/** A deadline is a moment of this machine's clock, whatever clock the coordinator decides by. */
function leftOf(deadline: Date | number): number {
  return (typeof deadline === 'number' ? deadline : deadline.getTime()) - systemClock.nowMs();
}

/** Without a guard before the service there is nobody to hide anything from. Asked once for each of thousands of groups. */
function seesOf(call: Call<unknown, unknown>): Sees {
  const caller = callerOf(call);
  return caller === null || seesEverything(caller) ? () => true : (group) => seesGroup(caller, group);
}

const reasonMax = 200;

/**
 * Who calls, and why, as the caller says it beside a request that has no field for it. Where nobody has to prove who they
 * are, the name is what they say, too.
 */
function authorOf(call: Call<unknown, unknown>): Author {
  const caller = callerOf(call);
  const isProven = caller !== null && caller.proof !== 'open';
  return { who: isProven ? caller.name : said(call, 'chester-owner'), reason: said(call, 'chester-reason') };
}

function said(call: Call<unknown, unknown>, name: string): string {
  const [text] = call.metadata.get(name);
  return typeof text === 'string' ? text.slice(0, reasonMax) : '';
}
