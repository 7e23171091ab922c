/** One safety rule taken out of the compiled code: in `file`, below the build's root, `from` becomes `to`. */
export type Mutation = {
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
};

/** Every rule, removed in turn; the simulation has to notice each. */
export const mutations: readonly Mutation[] = [
  {
    name: '1 labels are not looked at before a deletion',
    file: 'coordinator/core/plan-deletion.js',
    from: 'if (!isDeletable(instance, { ...owner(view), primary })) {',
    to: 'if (false) {',
  },
  {
    name: '1 labels and primary are not looked at before a replica counts as ours',
    file: 'coordinator/core/cloud.js',
    from: "return (instance.instanceType === 'READ_REPLICA_INSTANCE' &&",
    to: 'return true || (false &&',
  },
  {
    name: '2 nobody waits for votes',
    file: 'coordinator/core/plan-drain.js',
    from: "return outstanding.length === 0 ? null : wait('VOTERS_OUTSTANDING'",
    to: "return true ? null : wait('VOTERS_OUTSTANDING'",
  },
  {
    name: '2 an address that no snapshot withdrew counts as gone',
    file: 'coordinator/core/plan-drain.js',
    from: "return wait('NOT_PUBLISHED', replica, 'no snapshot has withdrawn it yet');",
    to: 'return null;',
  },
  {
    name: '2 sessions on the replica do not matter',
    file: 'coordinator/loops/action-runner.js',
    from: "const passed = sample.outcome === 'answered' && sample.users.length === 0;",
    to: 'const passed = true;',
  },
  {
    name: '2 an agent votes before its last known good is on disk',
    file: 'agent/core/standing.js',
    from: 'absent: isSaved ? ',
    to: 'absent: true ? ',
  },
  {
    name: "2 an agent does not look at ProxySQL's disk before it votes",
    file: 'agent/core/leaving.js',
    from: 'if (index.disk === null)',
    to: 'if (true) return { reason: null, diskDeletes: [] };\n    if (index.disk === null)',
  },
  {
    name: '2 a row goes while connections use it',
    file: 'agent/core/leaving.js',
    from: 'connectionsUsed(index.pool, key, isCounted) === 0',
    to: 'true',
  },
  {
    name: '2 an agent is sent updates before it is on the roster',
    file: 'coordinator/api/agent-stream.js',
    from: "if (kind === 'fleet' || this.#enrolled.get(group) === settled) {",
    to: 'if (true) {',
  },
  {
    name: '3 what an incomplete list lacks is withdrawn',
    file: 'coordinator/core/plan-serving.js',
    from: 'if (!view.listing.isComplete)',
    to: 'if (false)',
  },
  {
    name: '3 what an incomplete list lacks is forgotten',
    file: 'coordinator/core/plan-drain.js',
    from: 'if (!view.listing.isComplete)',
    to: 'if (false)',
  },
  {
    name: '3 deletions go on while lists are incomplete',
    file: 'coordinator/core/plan-deletion.js',
    from: 'if (!view.listing.isComplete)',
    to: 'if (false)',
  },
  {
    name: '3 who does not answer has no sessions',
    file: 'coordinator/loops/action-runner.js',
    from: "const passed = sample.outcome === 'answered' && sample.users.length === 0;",
    to: "const passed = sample.outcome !== 'answered' || sample.users.length === 0;",
  },
  {
    name: '4 the last reader goes too',
    file: 'agent/core/leaving.js',
    from: 'const lastReader = findLastReader(target, owned, context);',
    to: 'const lastReader = null;',
  },
  {
    name: '5 a new writer does not wait for the old one',
    file: 'agent/core/desired.js',
    from: 'if (others.length > 0)',
    to: 'if (false)',
  },
  {
    name: '6 the maximum does not hold new creations back',
    file: 'coordinator/core/plan-count.js',
    from: 'if (countExisting(view) >= limitsAt(spec.policy, nowMs).replicasMax) {',
    to: 'if (false) {',
  },
  {
    name: '7 the name is made when Cloud SQL is asked',
    file: 'coordinator/core/plan-creation.js',
    from: 'name: replica.name,',
    to: 'name: view.nextName,',
  },
  {
    name: '7 a call without an answer counts as one that did nothing',
    file: 'coordinator/loops/instance-changer.js',
    from: 'if (isUnsure && this.#isTooSoon(replica)) {',
    to: 'if (false) {',
  },
  {
    name: '7 no record is written before Cloud SQL is asked',
    file: 'coordinator/loops/instance-changer.js',
    from: 'const isUnsure = replica.askedAtMs !== null;',
    to: 'const isUnsure = false;',
  },
  {
    name: '8 messages are acknowledged before they are stored',
    file: 'coordinator/loops/intake.js',
    from: 'this.#waiting.push({ message, resolve, reject });',
    to: "this.#waiting.push({ message, resolve, reject });\n            resolve({ kind: 'incident', reason: '' });",
  },
  {
    name: '9 decisions carry no token',
    file: 'coordinator/loops/commits.js',
    from: '{ ...intent, fencingToken: deps.term.fencingToken }',
    to: '{ ...intent }',
  },
  {
    name: '9 a snapshot is pushed whether the store took it or not',
    file: 'coordinator/loops/publisher.js',
    from: 'if (!isCommitted) {',
    to: 'if (false) {',
  },
  {
    name: '10 agents do not look again at what they applied',
    file: 'agent/loops/drift-checker.js',
    from: 'this.#deps.applier.check();',
    to: '',
  },
  {
    name: '10 a group that failed is not tried again',
    file: 'coordinator/loops/group-queue.js',
    from: 'lane.failures += 1;',
    to: 'lane.failures += 1;\n            delayMs = null;',
  },
  {
    name: '10 an agent whose stream ended does not come again',
    file: 'agent/loops/subscriber.js',
    from: 'if (isStopping() || this.#hasLeft())',
    to: 'if (true)',
  },
  {
    name: '11 one sample is enough',
    file: 'coordinator/core/replica.js',
    from: 'if (samplesPassed < sample.samplesNeeded)',
    to: 'if (false)',
  },
  {
    name: '11 lag does not matter',
    file: 'coordinator/loops/action-runner.js',
    from: 'const isCaughtUp = sample.lagSeconds <= gate.lagSecondsMax;',
    to: 'const isCaughtUp = true;',
  },
  {
    name: "11 a server serves before the proxy's monitor reached it",
    file: 'agent/core/monitor-gate.js',
    from: 'if (last?.error === null)',
    to: 'if (true)',
  },
  {
    name: '11 a replica is published while it is in its gate',
    file: 'coordinator/core/snapshot.js',
    from: ".filter((replica) => replica.state === 'serving')",
    to: ".filter((replica) => replica.state === 'serving' || replica.state === 'gating')",
  },
  {
    name: "12 a LOAD does not wait for somebody's pending edit",
    file: 'agent/loops/load-turn.js',
    from: 'return this.#waitForOthers(plan, nowMs) ?? this.#waitForTurn(plan, nowMs);',
    to: 'return this.#waitForTurn(plan, nowMs);',
  },
  {
    name: '13 a snapshot is logged whole',
    file: 'coordinator/loops/publisher.js',
    from: "leaving: leaving.length }, 'snapshot published');",
    to: "leaving: leaving.length, snapshot }, 'snapshot published');",
  },
];
