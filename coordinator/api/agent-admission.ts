import { Metadata, status as grpcStatus } from '@grpc/grpc-js';
import type { Clock } from '../../process/clock.ts';
import {
  type AdmissionPolicy,
  newBucket,
  reconnectWindowMs,
  takeToken,
  type TokenBucket,
} from '../core/token-bucket.ts';
import type { Metrics } from '../ports.ts';
import type { AgentCall } from './agent-stream.ts';

export type AgentAdmissionDeps = { readonly clock: Clock; readonly metrics: Pick<Metrics, 'countAdmission'> };

/** Lets new streams in at a bounded rate, before anything is done for them. */
export class AgentAdmission {
  readonly #deps: AgentAdmissionDeps;
  readonly #policy: AdmissionPolicy;
  #bucket: TokenBucket;

  constructor(deps: AgentAdmissionDeps, policy: AdmissionPolicy) {
    this.#deps = deps;
    this.#policy = policy;
    this.#bucket = newBucket(policy, deps.clock.monotonicMs());
  }

  /** Whether the stream may stay. If not it is ended, and its agent told when to come again. */
  admit(call: AgentCall): boolean {
    const { clock, metrics } = this.#deps;
    const { bucket, retryAfterMs } = takeToken(this.#bucket, this.#policy, clock.monotonicMs());
    this.#bucket = bucket;
    metrics.countAdmission(retryAfterMs === null ? 'admitted' : 'sent-away');
    if (retryAfterMs === null) return true;
    const metadata = new Metadata();
    metadata.set('retry-after-ms', String(retryAfterMs));
    const details = `too many agents come at once; come again after ${retryAfterMs} ms`;
    call.emit('error', { code: grpcStatus.RESOURCE_EXHAUSTED, details, metadata });
    return false;
  }

  /** The time within which so many agents come back when they lose their streams at once. */
  windowMs(agents: number): number {
    return reconnectWindowMs(agents, this.#policy);
  }
}
