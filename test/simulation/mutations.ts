import { agentMutations } from './agent-mutations.ts';
import { inCoordinator, type Mutation, without } from './mutation.ts';

const hasNoSessions = "const isUnused = sample.outcome === 'answered' && sample.users.length === 0;";
const ifNotWhole = 'if (!view.listing.isComplete)';

const coordinatorMutations: readonly Mutation[] = [
  without(
    '1 labels are not looked at before a deletion',
    inCoordinator('core/plan-deletion', 'if (!isDeletable(instance, { ...owner(view), primary })) {', 'if (false) {'),
  ),
  without(
    '1 labels and primary are not looked at before a replica counts as ours',
    inCoordinator(
      'core/cloud',
      "return (instance.instanceType === 'READ_REPLICA_INSTANCE' &&",
      'return true || (false &&',
    ),
  ),
  without(
    '2 nobody waits for votes',
    inCoordinator('core/cells', 'const outstanding = outstandingVoters(voters, leaving);', 'const outstanding = [];'),
  ),
  without(
    '2 an address that no snapshot withdrew counts as gone',
    inCoordinator(
      'core/cells',
      'if (leaving === undefined) {',
      'if (leaving === undefined) {\n        return { isGone: true };',
    ),
  ),
  without(
    '2 sessions on the replica do not matter',
    inCoordinator('loops/action-runner', hasNoSessions, 'const isUnused = true;'),
  ),
  without(
    '2 an agent is sent updates before it is on the roster',
    inCoordinator('api/agent-votes', 'return this.#enrolled.has(group);', 'return true;'),
    inCoordinator('api/agent-votes', 'return enrolling;', 'return Promise.resolve();'),
  ),
  without('3 what an incomplete list lacks is withdrawn', inCoordinator('core/plan-serving', ifNotWhole, 'if (false)')),
  without('3 what an incomplete list lacks is forgotten', inCoordinator('core/plan-drain', ifNotWhole, 'if (false)')),
  without(
    '3 deletions go on while lists are incomplete',
    inCoordinator('core/plan-deletion', ifNotWhole, 'if (false)'),
  ),
  without(
    '3 who does not answer has no sessions',
    inCoordinator(
      'loops/action-runner',
      hasNoSessions,
      "const isUnused = sample.outcome !== 'answered' || sample.users.length === 0;",
    ),
  ),
  without(
    '3 sessions are ended on all that drains, forced or not',
    inCoordinator('core/agent-policy', '...(isDrainForced ?', '...(true ?'),
  ),
  without(
    '5 a new writer comes without proof that the old one is gone',
    inCoordinator('core/topology', 'return proveOldGone(view, old.primaryAddress) ?? {', 'return {'),
  ),
  without(
    '6 the maximum does not hold new creations back',
    inCoordinator('core/plan-count', 'if (countExisting(view) >= replicasMax) {', 'if (false) {'),
    inCoordinator(
      'core/plan-creation',
      'if (replica.askedAtMs === null && existing > limitsAt(',
      'if (false && limitsAt(',
    ),
  ),
  without(
    '7 the name is made when Cloud SQL is asked',
    inCoordinator('core/plan-creation', 'name: replica.name,', 'name: view.nextName,'),
  ),
  without(
    '7 a call without an answer counts as one that did nothing',
    inCoordinator('loops/instance-changer', 'if (isUnsure && this.#isTooSoon(replica)) {', 'if (false) {'),
  ),
  without(
    '7 it is forgotten that Cloud SQL was asked before',
    inCoordinator('loops/instance-changer', 'const isUnsure = replica.askedAtMs !== null;', 'const isUnsure = false;'),
  ),
  without(
    '8 messages are acknowledged before they are stored',
    inCoordinator(
      'loops/intake',
      'this.#waiting.push({ message, resolve, reject });',
      "this.#waiting.push({ message, resolve, reject });\n            resolve({ kind: 'incident', reason: '' });",
    ),
  ),
  without('9 decisions carry no token', inCoordinator('loops/commits', '{ ...intent, fencingToken }', '{ ...intent }')),
  without(
    '9 a decision may rest on what an earlier term read',
    inCoordinator('loops/commits', ' || deps.term.fencingToken !== fencingToken', ''),
    inCoordinator(
      'loops/commits',
      '{ ...intent, fencingToken }',
      '{ ...intent, fencingToken: deps.term.fencingToken }',
    ),
  ),
  without(
    '9 a snapshot is pushed whether the store took it or not',
    inCoordinator('loops/publisher', 'if (!isCommitted) {', 'if (false) {'),
  ),
  without(
    '10 a group that failed is not tried again',
    inCoordinator('loops/group-queue', 'lane.failures += 1;', 'lane.failures += 1;\n            delayMs = null;'),
  ),
  without(
    '11 one sample is enough',
    inCoordinator('core/replica', 'if (samplesPassed < sample.samplesNeeded)', 'if (false)'),
  ),
  without(
    '11 lag does not matter',
    inCoordinator(
      'loops/action-runner',
      'const isCaughtUp = sample.lagSeconds <= gate.lagSecondsMax;',
      'const isCaughtUp = true;',
    ),
  ),
  without(
    '11 a replica is published while it is in its gate',
    inCoordinator(
      'core/snapshot',
      ".filter((replica) => replica.state === 'serving')",
      ".filter((replica) => replica.state === 'serving' || replica.state === 'gating')",
    ),
  ),
  without(
    '13 a snapshot is logged whole',
    inCoordinator(
      'loops/publisher',
      "leaving: leaving.length }, 'snapshot published');",
      "leaving: leaving.length, snapshot }, 'snapshot published');",
    ),
  ),
];

/** Every rule, removed in turn; the simulation has to notice each. */
export const mutations: readonly Mutation[] = [...coordinatorMutations, ...agentMutations];
