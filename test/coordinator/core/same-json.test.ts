import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { describe, it } from 'node:test';
import { isSameJson } from '../../../coordinator/core/same-json.ts';
import { fc } from '../../properties.ts';

/** Few different parts, so that equal values come about and those that differ do so in one place. */
const small = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, 0, 1, '', '0', true, false),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', '0'), tie('value'), { maxKeys: 2, noNullPrototype: true }),
  ),
})).value;

describe('isSameJson', () => {
  it('says the same of two values as Node does', () => {
    fc.assert(
      fc.property(small, small, (one, other) => {
        assert.equal(isSameJson(one, other), isDeepStrictEqual(one, other));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes a value for equal to what the store gives back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.equal(isSameJson(JSON.parse(JSON.stringify(value)), value), true);
      }),
    );
  });

  const cases: readonly { readonly one: unknown; readonly other: unknown; readonly same: boolean }[] = [
    { one: [], other: {}, same: false },
    { one: { a: 1, b: 2 }, other: { b: 2, a: 1 }, same: true },
    { one: { a: null }, other: {}, same: false },
    { one: { a: 1 }, other: { b: 1 }, same: false },
    { one: { toString: 1 }, other: { a: 1 }, same: false },
    { one: [1, [2]], other: [1, [2]], same: true },
    { one: [1, [2]], other: [1, [3]], same: false },
  ];
  for (const { one, other, same } of cases) {
    it(`${JSON.stringify(one)} and ${JSON.stringify(other)}: ${same ? 'equal' : 'not equal'}`, () => {
      assert.equal(isSameJson(one, other), same);
    });
  }
});
