import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseGroupSpec } from '../../../coordinator/core/group-spec.ts';
import { renderProblems } from '../../../coordinator/core/problems.ts';
import { groupInput } from '../builders.ts';

/** One change of a valid group that makes it invalid, and the one problem that it has then. */
export type BadField = readonly [field: string, change: object, value: string, allowed: RegExp];

/** Keeps `__proto__` as a field of its own, as JSON.parse does. */
export function inputWith(change: object): unknown {
  return Object.fromEntries(
    [...Object.entries(groupInput), ...Object.entries(change)].map(([key, value]) => [key, value as unknown]),
  );
}

/** A test for each: the field is named with its value and what is allowed, and no other field is. */
export function itNamesBadFields(cases: readonly BadField[]): void {
  for (const [field, change, value, allowed] of cases) {
    it(`names ${field} = ${value.slice(0, 30)} and what is allowed`, () => {
      const parsed = parseGroupSpec(inputWith(change));
      assert(!parsed.ok);
      const problem = parsed.problems.find((candidate) => candidate.field === field);
      assert(problem, renderProblems(parsed.problems));
      assert.equal(problem.value, value);
      assert.match(problem.allowed, allowed);
      const [top] = field.split('.');
      assert(
        parsed.problems.every((other) => other.field.split('.')[0] === top),
        renderProblems(parsed.problems),
      );
    });
  }
}
