import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseGroupSpec } from '../../../coordinator/core/group-spec.ts';
import { groupInput, groupSpec } from '../builders.ts';
import { type BadField, itNamesBadFields } from './bad-fields.ts';

const window = { cron: '0 8 * * 1-5', durationSeconds: 3600 };
const scheduled = (change: object) => ({
  policy: { schedules: [{ name: 'noon', ...window, replicasMin: 1, ...change }] },
});
const windowed = (change: object) => ({ policy: { scaleInWindows: [{ ...window, ...change }] } });
const budget = (change: object, more: object = {}) => ({
  policy: { connectionBudget: { proxies: 10, replicaMaxConnections: 1010, ...change } },
  ...more,
});

const badFields: readonly BadField[] = [
  ['policy.replicasMin', { policy: { replicasMin: 4 } }, '4', /at most replicasMax/],
  ['policy.replicasMax', { policy: { replicasMax: 11 } }, '11', /at most 10/],
  ['policy.scaleOutCooldownSeconds', { policy: { scaleOutCooldownSeconds: -1 } }, '-1', /at least 0/],
  ['policy.scaleInCooldownSeconds', { policy: { scaleInCooldownSeconds: -300 } }, '-300', /at least 0/],
  ['policy.scaleInCooldownSeconds', { policy: { scaleInCooldownSeconds: 604_801 } }, '604801', /at most 604800/],
  ['policy.scaleOutStabilisationSeconds', { policy: { scaleOutStabilisationSeconds: -1 } }, '-1', /at least 0/],
  ['policy.scaleInStabilisationSeconds', { policy: { scaleInStabilisationSeconds: 0.5 } }, '0.5', /a whole number/],
  ['policy.scaleInStep', { policy: { scaleInStep: 0 } }, '0', /at least 1/],
  ['policy.disableScaleIn', { policy: { disableScaleIn: 'yes' } }, '"yes"', /a boolean/],
  ['policy.dryRun', { policy: { dryRun: 1 } }, '1', /a boolean/],
  ['policy.incidentMaxAgeSeconds', { policy: { incidentMaxAgeSeconds: 0 } }, '0', /at least 60/],
  ['policy.paused', { policy: { paused: true } }, 'true', /no such field/],
  ['policy.scaleInWindows.0.cron', windowed({ cron: 'never' }), '"never"', /a cron expression of five fields/],
  ['policy.scaleInWindows.0.cron', windowed({ cron: '0 25 * * *' }), '"0 25 * * *"', /a cron expression/],
  ['policy.scaleInWindows.0.durationSeconds', windowed({ durationSeconds: 59 }), '59', /at least 60/],
  ['policy.scaleInWindows.0.durationSeconds', windowed({ durationSeconds: undefined }), 'missing', /a number/],
  ['policy.scaleInWindows.0.timeZone', windowed({ timeZone: 'Mars/Phobos' }), '"Mars/Phobos"', /an IANA time zone/],
  ['policy.scaleInWindows.0.timeZone', windowed({ timeZone: '+02:00' }), '"+02:00"', /an IANA time zone/],
  ['policy.scaleInWindows.0.from', windowed({ from: '08:00' }), '"08:00"', /no such field/],
  [
    'policy.scaleInWindows',
    { policy: { scaleInWindows: Array(21).fill(window) } },
    `[{"cron":"0 8 * * 1-5","durationSeconds":3600},{"cron":"0 8 * * 1-5","durationS…`,
    /at most 20/,
  ],
  ['policy.schedules.0.cron', scheduled({ cron: '0 8 * *' }), '"0 8 * *"', /a cron expression/],
  ['policy.schedules.0.cron', scheduled({ cron: '0 0 8 * * *' }), '"0 0 8 * * *"', /a cron expression/],
  ['policy.schedules.0.cron', scheduled({ cron: '*/0 * * * *' }), '"*/0 * * * *"', /a cron expression/],
  ['policy.schedules.0.cron', scheduled({ cron: '0 0 30 2 *' }), '"0 0 30 2 *"', /that comes to pass/],
  ['policy.schedules.0.cron', scheduled({ cron: '0 8 ? * *' }), '"0 8 ? * *"', /a cron expression/],
  ['policy.schedules.0.cron', scheduled({ cron: '2026-01-01T00:00:00' }), '"2026-01-01T00:00:00"', /a cron expression/],
  ['policy.schedules.0.cron', scheduled({ cron: '' }), '""', /a cron expression/],
  ['policy.schedules.0.timeZone', scheduled({ timeZone: 'Paris' }), '"Paris"', /an IANA time zone/],
  ['policy.schedules.0.name', scheduled({ name: 'No' }), '"No"', /a lower-case letter/],
  ['policy.schedules.0.replicasMin', scheduled({ replicasMin: undefined }), 'missing', /a number, or replicasMax/],
  ['policy.schedules.0.replicasMin', scheduled({ replicasMin: 4 }), '4', /at most 3, the maximum beside it/],
  ['policy.schedules.0.replicasMin', scheduled({ replicasMin: 3, replicasMax: 2 }), '3', /at most 2/],
  [
    'policy.schedules.0.replicasMax',
    { policy: { replicasMin: 2, schedules: [{ name: 'noon', ...window, replicasMax: 1 }] } },
    '1',
    /at least 2, the minimum beside it/,
  ],
  [
    'policy.schedules.1.name',
    {
      policy: {
        schedules: [
          { name: 'a', ...window, replicasMin: 1 },
          { name: 'a', ...window, replicasMax: 1 },
        ],
      },
    },
    '"a"',
    /a name that policy\.schedules\.0 does not have/,
  ],
  [
    'policy.connectionBudget.proxies',
    budget({ proxies: 11 }),
    '11',
    /^at most 10: proxies × serverDefaults\.maxConnections \(100\) at most replicaMaxConnections − reserve \(1000\)$/,
  ],
  ['policy.connectionBudget.proxies', budget({ reserve: 11 }), '10', /at most 9: .*\(999\)/],
  ['policy.connectionBudget.proxies', budget({ reserve: 2000 }), '10', /at most 0: .*\(-990\)/],
  ['policy.connectionBudget.proxies', budget({ proxies: 0 }), '0', /at least 1/],
  ['policy.connectionBudget.replicaMaxConnections', budget({ replicaMaxConnections: 'many' }), '"many"', /a number/],
];

describe('a policy', () => {
  itNamesBadFields(badFields);

  it('keeps within its connection budget, to the last connection', () => {
    const { connectionBudget } = groupSpec(budget({})).policy;
    assert.deepEqual(connectionBudget, { proxies: 10, replicaMaxConnections: 1010, reserve: 10 });
    groupSpec(budget({ proxies: 1000 }, { serverDefaults: { maxConnections: 1 } }));
    groupSpec(budget({ proxies: 1000 }, { serverDefaults: { maxConnections: 0 } }));
    const parsed = parseGroupSpec({ ...groupInput, ...budget({}, { serverDefaults: { maxConnections: 101 } }) });
    assert(!parsed.ok);
    assert.deepEqual(
      parsed.problems.map(({ field }) => field),
      ['policy.connectionBudget.proxies'],
    );
  });

  it('takes the cron words that people write', () => {
    for (const cron of [
      '@daily',
      '0 8 * JAN-MAR MON-FRI',
      '*/15 8-18 * * 1-5',
      '0 0 L * *',
      '0 0 29 2 *',
      '0 9 * * 5#1',
    ])
      groupSpec(scheduled({ cron }));
    for (const timeZone of ['UTC', 'Europe/Paris', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5', 'EST5EDT'])
      groupSpec(scheduled({ timeZone }));
  });

  it('takes a schedule whose missing half comes from the policy', () => {
    const { schedules } = groupSpec({ policy: { schedules: [{ name: 'a', ...window, replicasMax: 3 }] } }).policy;
    assert.deepEqual(schedules, [{ name: 'a', ...window, timeZone: 'UTC', replicasMax: 3 }]);
  });
});
