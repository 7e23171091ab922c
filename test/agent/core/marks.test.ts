import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOf, type Mark, parseMark, withMark } from '../../../agent/core/marks.ts';

const atMs = Date.UTC(2026, 0, 1, 12);

describe('isOf', () => {
  const cases = [
    { comment: 'chester orders replica', group: 'orders', is: true },
    { comment: 'chester orders-eu replica', group: 'orders', is: false },
    { comment: 'chester orders replica', group: 'orders-eu', is: false },
    { comment: 'chester orders', group: 'orders', is: false },
    { comment: 'Chester orders replica', group: 'orders', is: false },
    { comment: 'was chester orders replica', group: 'orders', is: false },
    { comment: '', group: 'orders', is: false },
  ];
  for (const { comment, group, is } of cases) {
    it(`'${comment}' is ${is ? '' : 'not '}of ${group}`, () => {
      assert.equal(isOf({ comment }, group), is);
    });
  }
});

describe('withMark and parseMark', () => {
  const marks: readonly Mark[] = [
    { kind: 'warming', sinceMs: atMs },
    { kind: 'cordon', untilMs: atMs },
    { kind: 'leaving' },
    { kind: 'waiting' },
    { kind: 'ordered' },
  ];
  for (const mark of marks) {
    it(`give back ${mark.kind}, on any comment`, () => {
      for (const comment of ['chester orders replica', '', 'two\nlines', 'ends (so)']) {
        assert.deepEqual(parseMark(withMark(comment, mark)), { comment, mark });
      }
    });
  }

  it('put a mark in the place of another one', () => {
    const twice = withMark(withMark('x', { kind: 'leaving' }), { kind: 'warming', sinceMs: atMs });
    assert.equal(twice, 'x (warming since 2026-01-01T12:00:00.000Z)');
    assert.equal(withMark(twice, null), 'x');
  });

  for (const comment of [
    'x (warming since yesterday)',
    'x (cordon until )',
    'x (draining)',
    '(leaving)',
    'x (leaving) ',
  ]) {
    it(`see no mark in '${comment}'`, () => {
      assert.deepEqual(parseMark(comment), { comment, mark: null });
    });
  }
});
