import { inAgent, inCoordinator, type Mutation, without } from './mutation.ts';

/** Rules that agents hold. */
export const agentMutations: readonly Mutation[] = [
  without(
    '2 an agent votes before its last known good is on disk',
    inAgent('core/standing', 'absent: isSaved ? ', 'absent: true ? '),
  ),
  without(
    "2 an agent does not look at ProxySQL's disk before it votes",
    inAgent(
      'core/leaving',
      'if (index.disk === null)',
      'if (true) return { reason: null, diskDeletes: [] };\n    if (index.disk === null)',
    ),
  ),
  without(
    '2 a row goes while connections use it',
    inAgent('core/leaving', 'connectionsUsed(index.pool, key, isCounted) === 0', 'true'),
  ),
  without(
    '4 the last reader goes too',
    inAgent('core/leaving', 'const lastReader = findLastReader(target, owned, context);', 'const lastReader = null;'),
  ),
  // The coordinator takes the old writer out, and waits until it is, before it names the new one.
  without(
    '5 old and new writer change at once, and no agent minds',
    inAgent('core/desired', 'if (others.length > 0)', 'if (false)'),
    inCoordinator(
      'core/topology',
      'if (old.isWithheld !== true)',
      "return { step: 'accept', topology };\n    if (old.isWithheld !== true)",
    ),
  ),
  // The reporter has the proxy looked at too, when it sees that a status turned.
  without(
    '10 agents do not look again at what they applied',
    inAgent('loops/drift-checker', 'this.#deps.applier.check();', ''),
    inAgent('loops/reporter', 'applier.check();', ';'),
  ),
  without(
    '10 an agent whose stream ended does not come again',
    inAgent('loops/subscriber', 'if (isStopping() || this.#hasLeft())', 'if (true)'),
  ),
  without(
    "11 a server serves before the proxy's monitor reached it",
    inAgent('core/monitor-gate', 'if (last?.error === null)', 'if (true)'),
  ),
  without(
    "12 a LOAD does not wait for somebody's pending edit",
    inAgent(
      'loops/load-turn',
      'return this.#waitForOthers(plan, nowMs) ?? this.#waitForTurn(plan, nowMs);',
      'return this.#waitForTurn(plan, nowMs);',
    ),
  ),
];
