import assert from 'node:assert/strict';
import { fc } from '../../properties.ts';
import type { ServersPlan } from '../../../agent/core/plan.ts';
import type { ProxyWorld, Step } from './proxy-world.ts';
import { buildWorld, type Scenario, scenarios } from './scenarios.ts';

export type Life = { readonly world: ProxyWorld; readonly scenario: Scenario; readonly last: ServersPlan };

/** What has to hold of every step of the agent's. */
export type Check = (step: Step, world: ProxyWorld, scenario: Scenario) => void;

const lifeMs = 7_200_000;
/** After this time nobody edits any more, cordons and slow starts are over, and nothing may move. */
const quietMs = 3_600_000;

/** Lives scenarios to their end. Fails with the story of the shortest one in which `check` or `end` does not hold. */
export function checkLives(
  {
    check,
    end,
    editsMax = 0,
  }: { readonly check?: Check; readonly end?: (life: Life) => void; readonly editsMax?: number },
  numRuns = 100,
): void {
  const property = fc.property(scenarios({ editsMax }), (scenario) => {
    const world = buildWorld(scenario);
    try {
      const last = live(world, scenario, check ?? (() => undefined));
      end?.({ world, scenario, last });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error([message, ...world.story].join('\n  '), { cause: error });
    }
  });
  fc.assert(property, { numRuns, includeErrorInReport: true });
}

function live(world: ProxyWorld, scenario: Scenario, check: Check): ServersPlan {
  const startedAtMs = world.nowMs;
  const edits = scenario.edits.toSorted((one, other) => one.atSeconds - other.atSeconds);
  let loads = 0;
  let idleLooks = 0;
  for (;;) {
    const loadsBefore = world.admin.loads;
    const lastPlan = world.converge(scenario.targets, (step) => {
      check(step, world, scenario);
    });
    const livedMs = world.nowMs - startedAtMs;
    if (livedMs < quietMs) loads = world.admin.loads;
    if (livedMs >= lifeMs) {
      assert.equal(world.admin.loads, loads, 'it never comes to rest');
      return lastPlan;
    }
    const [next] = edits;
    idleLooks = isAtRest(lastPlan) && world.admin.loads === loadsBefore ? idleLooks + 1 : 0;
    const pauseMs = idleLooks > 2 ? quietMs : findPause(lastPlan, world.nowMs, livedMs);
    world.pass(Math.max(1, next === undefined ? pauseMs : next.atSeconds * 1000 - livedMs));
    if (next !== undefined) world.edit(edits.shift() ?? next);
  }
}

/** As an agent looks: often while something is on its way, else when something is due, or after a while. */
function findPause(plan: ServersPlan, nowMs: number, livedMs: number): number {
  if (isAtRest(plan)) return 30_000;
  if (livedMs < 60_000) return 2000;
  if (livedMs < 240_000) return 15_000;
  const wakes = plan.groups.flatMap(({ wakeAtMs }) => (wakeAtMs === null ? [] : [wakeAtMs - nowMs]));
  return Math.min(1_200_000, ...wakes);
}

function isAtRest({ groups }: ServersPlan): boolean {
  return groups.every((group) => group.isSettled && !group.isDraining && group.wakeAtMs === null);
}
