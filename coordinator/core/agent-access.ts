import { matchesPattern } from './access.ts';
import type { AgentRule } from './access-table.ts';

/** What an agent proved on its connection. */
export type AgentProof = {
  readonly certificateNames: readonly string[];
  /** From a service-account token that was verified; null: none was shown. */
  readonly account: {
    /** `namespace/name`. */ readonly name: string;
    /** Null: the token is bound to no pod. */ readonly podUid: string | null;
  } | null;
};

export type AgentClaim = { readonly fleet: string; readonly cell: string; readonly podUid: string };

/** Says why an agent may not join the fleet that it names; null: it may. */
export function findAgentRefusal(rules: readonly AgentRule[], proof: AgentProof, claim: AgentClaim): string | null {
  const { account } = proof;
  const uid = account?.podUid ?? null;
  if (uid !== null && claim.podUid !== '' && uid !== claim.podUid) {
    return `pod_uid is ${JSON.stringify(claim.podUid)}; its token belongs to another pod`;
  }
  const matching = rules.filter((rule) => isMatched(rule, proof));
  const isAllowed = matching.some(({ fleets, cells }) => allows(fleets, claim.fleet) && allows(cells, claim.cell));
  if (isAllowed) return null;
  const who = account === null ? (proof.certificateNames[0] ?? 'this agent') : `service account ${account.name}`;
  return `${who} may not join fleet ${JSON.stringify(claim.fleet)} in cell ${JSON.stringify(claim.cell)}`;
}

function isMatched({ proof: { kind, pattern } }: AgentRule, { certificateNames, account }: AgentProof): boolean {
  if (kind === 'serviceAccount') return account !== null && matchesPattern(pattern, account.name);
  return certificateNames.some((name) => matchesPattern(pattern, name));
}

function allows(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, name));
}
