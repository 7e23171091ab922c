import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../properties.ts';
import { backoffDelayMs } from '../../process/backoff.ts';
import { sleep } from '../../process/clock.ts';
import { contentHash } from '../../process/content-hash.ts';
import { EnvironmentReader } from '../../process/environment.ts';
import { FakeClock, settled } from '../fakes/fake-clock.ts';

describe('backoffDelayMs', () => {
  it('doubles its ceiling up to the maximum, and draws below it', () => {
    const policy = { baseMs: 100, maxMs: 1000 };
    const ceilings = [0, 1, 2, 3, 4, 50, 1e9].map((attempt) => backoffDelayMs(policy, attempt, () => 0.999_999));
    assert.deepEqual(ceilings, [99, 199, 399, 799, 999, 999, 999]);
    assert.equal(
      backoffDelayMs(policy, 5, () => 0),
      0,
    );
  });

  it('stays within its bounds', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(100_000), fc.nat(), (baseMs, maxMs, attempt) => {
        const delayMs = backoffDelayMs({ baseMs, maxMs }, attempt);
        assert(Number.isInteger(delayMs) && delayMs >= 0 && delayMs <= maxMs);
      }),
    );
  });
});

describe('contentHash', () => {
  const shuffle = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffle);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, field]) => [key, shuffle(field)]),
    );
  };

  it('does not depend on the order of fields, nor on fields that are not set', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.match(contentHash(value), /^[0-9a-f]{32}$/);
        assert.equal(contentHash(shuffle(value)), contentHash(value));
        assert.equal(contentHash(JSON.parse(JSON.stringify(value))), contentHash(value));
      }),
    );
    assert.equal(contentHash({ a: 1, b: undefined }), contentHash({ a: 1 }));
  });

  it('differs for different content', () => {
    const different = [
      {},
      [],
      null,
      '',
      0,
      '0',
      [0],
      [[0]],
      { a: [1, 2] },
      { a: [2, 1] },
      { a: 1 },
      { a: '1' },
      { b: 1 },
      { a: null },
      'a,b',
      ['a', 'b'],
      ['a,b'],
    ];
    assert.equal(new Set(different.map(contentHash)).size, different.length);
  });
});

describe('EnvironmentReader', () => {
  const rule = { pattern: /^[a-z]+$/, allowed: 'lower-case letters' };

  it('takes what is set, and defaults for what is not', () => {
    const reader = new EnvironmentReader({ T: 'abc', N: '7', B: 'true', W: 'warn', EMPTY: '' });
    assert.deepEqual(
      [
        reader.text('T', 'x', rule),
        reader.text('EMPTY', 'x'),
        reader.integer('N', 1, { min: 0, max: 9 }),
        reader.integer('EMPTY', 1, { min: 0, max: 9 }),
      ],
      ['abc', 'x', 7, 1],
    );
    assert.deepEqual(
      [reader.boolean('B', false), reader.boolean('EMPTY', true), reader.oneOf('W', 'info', ['info', 'warn'])],
      [true, true, 'warn'],
    );
    assert.deepEqual([reader.secret('T'), reader.secret('NONE')], ['abc', '']);
    assert.deepEqual(reader.problems, []);
  });

  it('reports every problem, each with variable, value and what is allowed', () => {
    const reader = new EnvironmentReader({
      T: 'A b',
      B: 'yes',
      W: 'loud',
      I1: '1.5',
      I2: '10',
      I3: 'x',
      I4: '-1',
      I5: ' 5',
      I6: '1e1',
      I7: '0x5',
    });
    reader.text('NONE', null);
    reader.text('T', '', rule);
    reader.boolean('B', false);
    reader.oneOf('W', 'info', ['info', 'warn']);
    for (const name of ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7']) reader.integer(name, 1, { min: 0, max: 9 });
    assert.equal(reader.problems.length, 11);
    assert.deepEqual(reader.problems.slice(0, 5), [
      'NONE is not set; it is required',
      'T is "A b"; allowed: lower-case letters',
      'B is "yes"; allowed: true, false',
      'W is "loud"; allowed: info, warn',
      'I1 is "1.5"; allowed: a whole number from 0 to 9',
    ]);
  });
});

describe('sleep', () => {
  it('ends with the time or with the signal, and leaves nothing behind', async () => {
    const clock = new FakeClock();
    const ended: string[] = [];
    const abort = new AbortController();
    void sleep(clock, 100).then(() => ended.push('time'));
    void sleep(clock, 200, abort.signal).then(() => ended.push('signal'));
    void sleep(clock, 300, AbortSignal.abort()).then(() => ended.push('aborted before'));
    await settled();
    assert.deepEqual(ended, ['aborted before']);
    await clock.advance(100);
    abort.abort();
    await settled();
    assert.deepEqual(ended, ['aborted before', 'time', 'signal']);
    assert.equal(clock.pendingTimers, 0);
  });
});
