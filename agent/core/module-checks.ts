import { findAttributeProblems } from './hostgroup-attributes.ts';
import { findQueryRuleProblems } from './query-rules.ts';
import type { GroupBody } from './snapshot.ts';
import { findCertificateProblems } from './tls-params.ts';
import { findUserProblems } from './users.ts';

const problemsMax = 5;

/** Lists what is wrong with what a body says beside its servers, at most five things. Passwords are in none of the words. */
export function findModuleProblems(group: string, body: GroupBody): readonly string[] {
  if (body.kind === 'removed') return [];
  const problems = [
    ...findUserProblems(group, body),
    ...findQueryRuleProblems(group, body),
    ...findAttributeProblems(group, body),
    ...findCertificateProblems(body),
  ];
  return problems.slice(0, problemsMax);
}
