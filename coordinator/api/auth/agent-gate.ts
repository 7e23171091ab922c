import { status as grpcStatus } from '@grpc/grpc-js';
import type { KeySet, TokenRule } from '../../adapters/key-set.ts';
import { type AgentClaim, type AgentProof, findAgentRefusal } from '../../core/agent-access.ts';
import type { AccessSource } from './access-gate.ts';
import type { Shown } from './gate.ts';

/** Why an agent's stream ends before it began. */
export type AgentRefusal = { readonly code: grpcStatus; readonly details: string };

export type AgentGateDeps = {
  readonly access: AccessSource;
  /** The cluster's keys, and what its tokens have to say; null: service-account tokens are not taken. */
  readonly tokens: { readonly keys: KeySet; readonly rule: TokenRule } | null;
  /** Whether agents are taken in while nothing is said of them. */
  readonly isOpen: boolean;
};

const unknown = {
  code: grpcStatus.UNAUTHENTICATED,
  details: 'the agent showed no client certificate and no service-account token that this coordinator takes',
};

/** Says which agents may join which fleets. */
export class AgentGate {
  readonly #deps: AgentGateDeps;

  constructor(deps: AgentGateDeps) {
    this.#deps = deps;
  }

  /** Null: the agent may join the fleet that it names. Never throws. */
  async refuse(shown: Shown, claim: AgentClaim): Promise<AgentRefusal | null> {
    const rules = this.#deps.access.table?.agents ?? null;
    if (rules === null) return this.#deps.isOpen ? null : unknown;
    const proof = await this.#prove(shown);
    if ('code' in proof) return proof;
    if (proof.account === null && proof.certificateNames.length === 0) return unknown;
    const details = findAgentRefusal(rules, proof, claim);
    return details === null ? null : { code: grpcStatus.PERMISSION_DENIED, details };
  }

  /** A token that is shown has to be good, also beside a certificate that is. */
  async #prove({ authorization, certificateNames }: Shown): Promise<AgentProof | AgentRefusal> {
    const { tokens } = this.#deps;
    const [, token] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
    if (token === undefined || tokens === null) return { certificateNames, account: null };
    const reading = await tokens.keys.verify(token, tokens.rule);
    if (reading.outcome === 'unavailable') {
      const details = "the keys of the cluster's tokens cannot be read now; try again";
      return { code: grpcStatus.UNAVAILABLE, details };
    }
    const { sub = '', 'kubernetes.io': bound } = reading.outcome === 'valid' ? reading.claims : {};
    const [, namespace, name] = /^system:serviceaccount:([a-z0-9-]+):([a-z0-9.-]+)$/.exec(sub) ?? [];
    if (namespace === undefined || name === undefined) return unknown;
    return { certificateNames, account: { name: `${namespace}/${name}`, podUid: podUidOf(bound) } };
  }
}

function podUidOf(bound: unknown): string | null {
  const { pod } = (bound ?? {}) as { readonly pod?: { readonly uid?: unknown } };
  return typeof pod?.uid === 'string' ? pod.uid : null;
}
