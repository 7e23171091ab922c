import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../../properties.ts';
import { limitsAt, type Schedule } from '../../../coordinator/core/schedule.ts';
import { type Window, windowAt } from '../../../coordinator/core/window.ts';
import { policy } from '../builders.ts';

const hourMs = 3_600_000;
const at = (text: string) => Date.parse(text);
const paris = 'Europe/Paris';

/** Local wall clock of a moment, for example `08:00`. */
function clockOf(ms: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(ms);
}

describe('windowAt', () => {
  const workday: Window = { cron: '0 8 * * 1-5', durationSeconds: 10 * 3600, timeZone: paris };
  const night: Window = { cron: '0 22 * * 6', durationSeconds: 8 * 3600, timeZone: paris };
  const gap: Window = { cron: '30 2 * * *', durationSeconds: 1800, timeZone: paris };

  const cases: readonly (readonly [what: string, window: Window, moment: string, isOpen: boolean, until: string])[] = [
    ['before it opens', workday, '2026-01-12T06:59:59.999Z', false, '2026-01-12T07:00:00Z'],
    ['when it opens', workday, '2026-01-12T07:00:00Z', true, '2026-01-12T17:00:00Z'],
    ['just before it shuts', workday, '2026-01-12T16:59:59.999Z', true, '2026-01-12T17:00:00Z'],
    ['when it shuts', workday, '2026-01-12T17:00:00Z', false, '2026-01-13T07:00:00Z'],
    ['over a weekend', workday, '2026-01-17T12:00:00Z', false, '2026-01-19T07:00:00Z'],
    ['in summer it opens an hour earlier in UTC', workday, '2026-07-13T06:00:00Z', true, '2026-07-13T16:00:00Z'],
    // In Paris, clocks go from 02:00 to 03:00 on 29 March 2026, and from 03:00 back to 02:00 on 25 October.
    ['a night that loses an hour lasts as long', night, '2026-03-29T04:59:59Z', true, '2026-03-29T05:00:00Z'],
    ['a night that wins an hour lasts as long', night, '2026-10-25T03:59:59Z', true, '2026-10-25T04:00:00Z'],
    ['a night that wins an hour, over', night, '2026-10-25T04:00:00Z', false, '2026-10-31T21:00:00Z'],
    ['a beginning that the clocks jump over', gap, '2026-03-29T01:00:00Z', true, '2026-03-29T01:30:00Z'],
    ['before a beginning that they jump over', gap, '2026-03-29T00:59:59Z', false, '2026-03-29T01:00:00Z'],
    ['a beginning that they show twice, the first', gap, '2026-10-25T00:30:00Z', true, '2026-10-25T01:00:00Z'],
    ['a beginning that they show twice, the second', gap, '2026-10-25T01:30:00Z', false, '2026-10-26T01:30:00Z'],
    [
      'longer than its period: always open',
      { ...gap, durationSeconds: 90_000 },
      '2026-05-01T12:00:00Z',
      true,
      '2026-05-02T00:30:00Z',
    ],
    [
      'before the first of all',
      { cron: '0 0 29 2 *', durationSeconds: 60, timeZone: 'UTC' },
      '2026-05-01T00:00:00Z',
      false,
      '2028-02-29T00:00:00Z',
    ],
  ];
  for (const [what, window, moment, isOpen, until] of cases) {
    it(`${what}: ${isOpen ? 'open' : 'shut'}`, () => {
      const state = windowAt(window, at(moment));
      assert.equal(state.isOpen, isOpen);
      assert.equal(new Date(state.untilMs ?? 0).toISOString(), new Date(at(until)).toISOString());
    });
  }

  const zones = fc.constantFrom(
    'UTC',
    paris,
    'America/New_York',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'America/Sao_Paulo',
  );
  const moments = fc.integer({ min: at('2024-01-01T00:00:00Z'), max: at('2028-01-01T00:00:00Z') });

  it('opens at its hour by the local clock, all year, in every zone', () => {
    fc.assert(
      fc.property(zones, fc.integer({ min: 4, max: 22 }), moments, (timeZone, hour, moment) => {
        const shut = windowAt({ cron: `0 ${hour} * * *`, durationSeconds: 60, timeZone }, moment);
        if (shut.isOpen) return;
        assert(shut.untilMs !== null && shut.untilMs > moment && shut.untilMs - moment <= 25 * hourMs);
        assert.equal(clockOf(shut.untilMs, timeZone), `${String(hour).padStart(2, '0')}:00`);
      }),
      { numRuns: 300 },
    );
  });

  it('answers the same in any order of questions, and changes nothing before it says', () => {
    const windows = fc.record({
      cron: fc.constantFrom('0 8 * * 1-5', '*/15 * * * *', '30 2 * * *', '0 0 1 * *'),
      durationSeconds: fc.constantFrom(60, 900, 3600, 100_000),
      timeZone: zones,
    });
    fc.assert(
      fc.property(windows, moments, fc.double({ min: 0, max: 1, noNaN: true }), (window, moment, part) => {
        const state = windowAt(window, moment);
        const untilMs = state.untilMs ?? moment + hourMs;
        assert(untilMs > moment);
        assert.equal(windowAt(window, moment + Math.floor((untilMs - 1 - moment) * part)).isOpen, state.isOpen);
        windowAt(window, moment - 40 * 24 * hourMs);
        const again = windowAt(window, moment);
        assert.deepEqual([again.isOpen, again.untilMs], [state.isOpen, state.untilMs]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('limitsAt', () => {
  const moment = at('2026-01-12T12:00:00Z');
  const open = { cron: '0 12 * * *', durationSeconds: 3600, timeZone: 'UTC' };
  const shut = { ...open, cron: '0 13 * * *' };
  const cases: readonly (readonly [
    what: string,
    schedules: readonly Schedule[],
    min: number,
    max: number,
    names: string,
  ])[] = [
    ['no schedule', [], 1, 4, ''],
    ['one that is not in force', [{ name: 'a', ...shut, replicasMin: 3 }], 1, 4, ''],
    ['a minimum', [{ name: 'a', ...open, replicasMin: 3 }], 3, 4, 'a'],
    ['a maximum below the policy', [{ name: 'a', ...open, replicasMax: 2 }], 1, 2, 'a'],
    ['both', [{ name: 'a', ...open, replicasMin: 0, replicasMax: 9 }], 0, 9, 'a'],
    [
      'a high minimum beside a low maximum',
      [
        { name: 'a', ...open, replicasMin: 4 },
        { name: 'b', ...open, replicasMax: 2 },
      ],
      4,
      4,
      'a,b',
    ],
    [
      'two of each: the highest hold',
      [
        { name: 'a', ...open, replicasMin: 2, replicasMax: 3 },
        { name: 'b', ...open, replicasMin: 0, replicasMax: 6 },
      ],
      2,
      6,
      'a,b',
    ],
  ];
  for (const [what, schedules, replicasMin, replicasMax, names] of cases) {
    it(`${what}: ${replicasMin} to ${replicasMax}`, () => {
      const limits = limitsAt(policy({ replicasMin: 1, replicasMax: 4, schedules: [...schedules] }), moment);
      assert.deepEqual(
        [limits.replicasMin, limits.replicasMax, limits.schedules.join(',')],
        [replicasMin, replicasMax, names],
      );
    });
  }

  it('says when a schedule begins or ends next', () => {
    const schedules = [
      { name: 'a', ...open, replicasMin: 2 },
      { name: 'b', ...shut, replicasMin: 3 },
    ];
    assert.equal(limitsAt(policy({ schedules }), moment).untilMs, moment + hourMs);
    assert.equal(limitsAt(policy(), moment).untilMs, null);
  });
});
