import type { GateSample, ProbeTarget, ReplicaProbe, SessionSample } from '../../coordinator/ports.ts';

/** What a fake replica says of itself. */
export type FakeReplicaState = {
  /** Null when replication is stopped. */
  readonly lagSeconds: number | null;
  readonly isEncrypted: boolean;
  readonly users: readonly string[];
};

/** Replicas by their address; one that is not there does not answer. */
export class FakeReplicaProbe implements ReplicaProbe {
  readonly replicas = new Map<string, FakeReplicaState>();
  /** The reason of the next sample's failure, then cleared. */
  nextFailure: string | null = null;

  /** Adds or changes a replica: caught up, plain and unused unless said otherwise. */
  put(hostname: string, state: Partial<FakeReplicaState> = {}): void {
    const before = this.replicas.get(hostname) ?? { lagSeconds: 0, isEncrypted: false, users: [] };
    this.replicas.set(hostname, { ...before, ...state });
  }

  sampleGate({ hostname }: ProbeTarget): Promise<GateSample> {
    return this.#sample(hostname, ({ lagSeconds, isEncrypted }) => ({ outcome: 'answered', lagSeconds, isEncrypted }));
  }

  sampleSessions({ hostname }: ProbeTarget): Promise<SessionSample> {
    return this.#sample(hostname, ({ users }) => ({ outcome: 'answered', users }));
  }

  #sample<Sample>(
    hostname: string,
    answer: (state: FakeReplicaState) => Sample,
  ): Promise<Sample | { readonly outcome: 'failed'; readonly reason: string }> {
    const failure = this.nextFailure;
    this.nextFailure = null;
    const state = this.replicas.get(hostname);
    if (failure !== null) return Promise.resolve({ outcome: 'failed', reason: failure });
    if (state === undefined) return Promise.resolve({ outcome: 'failed', reason: 'ECONNREFUSED' });
    return Promise.resolve(answer(state));
  }
}
