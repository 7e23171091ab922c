import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../../properties.ts';
import { type Incident, mergeIncident, parseNotification } from '../../../coordinator/core/incident.ts';
import { incident, startMs } from '../builders.ts';
import { closedNotification, notification, openIncident, testNotification } from '../notifications.ts';

function parsedIncident(text: string): Incident {
  const parsed = parseNotification(text, startMs);
  assert(parsed.kind === 'incident', JSON.stringify(parsed));
  return parsed.incident;
}

function labels(group: unknown, action: unknown): { policy_user_labels: object } {
  return { policy_user_labels: { 'chester-group': group, 'chester-action': action } };
}

function documented(content: unknown): Readonly<Record<string, unknown>> {
  return { policy_user_labels: undefined, documentation: content };
}

const chesterAlert = {
  replica_basename: 'orders-',
  sql_master_instance: 'orders-primary',
  action: 'add',
  instance_group: 'orders',
};

describe('parseNotification', () => {
  it('reads an open incident', () => {
    assert.deepEqual(parsedIncident(notification()), {
      id: '0.q7x2m9k4t1ab',
      group: 'orders',
      action: 'scale-out',
      state: 'open',
      openedAtMs: 1795300000000,
      lastSeenAtMs: startMs,
      closedAtMs: null,
      policyName: 'orders read CPU',
      summary: openIncident.summary,
    });
  });

  it('reads a closed incident', () => {
    const { state, closedAtMs, summary } = parsedIncident(closedNotification());
    assert.deepEqual({ state, closedAtMs }, { state: 'closed', closedAtMs: 1795301260000 });
    assert.match(summary, /returned to normal/);
  });

  it("ignores Cloud Monitoring's test message", () => {
    assert.equal(parseNotification(testNotification, startMs).kind, 'ignored');
  });

  const targets: readonly (readonly [name: string, change: Readonly<Record<string, unknown>>, action: string])[] = [
    ['labels, scale-in', labels('orders', 'scale-in'), 'scale-in'],
    ["labels, Chester's word", labels('orders', 'remove'), 'scale-in'],
    ['documentation as an object', documented({ content: JSON.stringify(chesterAlert) }), 'scale-out'],
    ['documentation as a text', documented(JSON.stringify({ ...chesterAlert, action: 'remove' })), 'scale-in'],
    [
      'labels before documentation',
      { ...documented(JSON.stringify(chesterAlert)), ...labels('orders', 'scale-in') },
      'scale-in',
    ],
    [
      'labels of somebody else, then documentation',
      { ...documented(JSON.stringify(chesterAlert)), policy_user_labels: { team: 'x' } },
      'scale-out',
    ],
    ['upper-case state', { state: 'OPEN' }, 'scale-out'],
    [
      'no optional field at all',
      { started_at: undefined, ended_at: undefined, policy_name: null, summary: null },
      'scale-out',
    ],
    ['fractions of a second', { started_at: 1795300000.1234 }, 'scale-out'],
  ];
  for (const [name, change, action] of targets) {
    it(`finds what to do: ${name}`, () => {
      const found = parsedIncident(notification(change));
      assert.deepEqual({ group: found.group, action: found.action }, { group: 'orders', action });
      assert(Number.isInteger(found.openedAtMs));
    });
  }

  it('accepts other schema versions', () => {
    for (const version of ['1.3', undefined, null, 1.2]) parsedIncident(notification({}, version));
  });

  const unusable: readonly (readonly [name: string, text: string, reason: RegExp])[] = [
    ['no JSON', '{"incident":', /^the message is not JSON: /],
    ['empty', '', /^the message is not JSON: /],
    ['null', 'null', /^\(whole\) is null; allowed: an object$/],
    ['an array', '[]', /^\(whole\) is \[\]; allowed: an object$/],
    ['no incident', '{"version":"1.2"}', /^incident is missing; allowed: an object$/],
    ['no id', notification({ incident_id: undefined }), /^incident\.incident_id is missing; allowed: a string$/],
    ['an empty id', notification({ incident_id: '' }), /^incident\.incident_id is ""; allowed: at least 1$/],
    ['a huge id', notification({ incident_id: 'x'.repeat(257) }), /^incident\.incident_id is .*allowed: at most 256$/],
    ['no state', notification({ state: undefined }), /^incident\.state is missing; allowed: a string$/],
    ['an unknown state', notification({ state: 'acked' }), /^incident\.state is "acked"; allowed: open, closed$/],
    [
      'a huge time',
      notification({ started_at: 1e300 }),
      /^incident\.started_at is 1e\+300; allowed: at most 32503680000$/,
    ],
    ['a negative time', notification({ ended_at: -1 }), /^incident\.ended_at is -1; allowed: at least 0$/],
    ['a time as text', notification({ started_at: '1' }), /^incident\.started_at is "1"; allowed: a number$/],
    [
      'labels that are no texts',
      notification(labels(['orders'], 'add')),
      /chester-group is \["orders"\]; allowed: a string$/,
    ],
    [
      'an unknown action',
      notification(labels('orders', 'reboot')),
      /chester-action is "reboot"; allowed: scale-out, scale-in, add, remove, resync, restart$/,
    ],
    ['no action', notification(labels('orders', undefined)), /chester-action is missing; allowed: /],
    ['no group', notification(labels(undefined, 'add')), /chester-group is missing; allowed: /],
    ['a group with a slash', notification(labels('a/b', 'add')), /chester-group is "a\/b"; allowed: /],
    ['a group called __proto__', notification(labels('__proto__', 'add')), /chester-group is "__proto__"; allowed: /],
    [
      'an action called constructor',
      notification(labels('orders', 'constructor')),
      /chester-action is "constructor"; allowed: /,
    ],
    [
      'an action called __proto__',
      notification(labels('orders', '__proto__')),
      /chester-action is "__proto__"; allowed: /,
    ],
    ['a documented array', notification(documented('[1]')), /content: instance_group is missing/],
    [
      'a documented unknown action',
      notification(documented(JSON.stringify({ ...chesterAlert, action: 'toString' }))),
      /content: action is "toString"/,
    ],
    ['documentation of another kind', notification(documented(7)), /^incident\.documentation is 7; allowed: /],
  ];
  for (const [name, text, reason] of unusable) {
    it(`says what is wrong: ${name}`, () => {
      const parsed = parseNotification(text, startMs);
      assert(parsed.kind === 'unusable', JSON.stringify(parsed));
      assert.match(parsed.reason, reason);
    });
  }

  it("takes Chester's restart for an order to resync", () => {
    const content = JSON.stringify({ ...chesterAlert, action: 'restart' });
    for (const [state, isOpen] of [
      ['open', true],
      ['closed', false],
    ] as const) {
      const parsed = parseNotification(notification({ ...documented({ content }), state }), startMs);
      assert.deepEqual(parsed, { kind: 'resync', group: 'orders', incidentId: '0.q7x2m9k4t1ab', isOpen });
    }
  });

  it('keeps of a message that says nothing of what to do what it tells of its incident', () => {
    for (const documentation of [{ content: 'Call somebody.' }, 'Call somebody.', undefined, null]) {
      const parsed = parseNotification(closedNotification(documented(documentation)), startMs);
      assert(parsed.kind === 'unaddressed', JSON.stringify(parsed));
      assert.match(parsed.reason, /^nothing says what to do/);
      const { id, state, closedAtMs } = parsed.sighting;
      assert.deepEqual({ id, state, closedAtMs }, { id: '0.q7x2m9k4t1ab', state: 'closed', closedAtMs: 1795301260000 });
    }
  });

  it('takes no group from an inherited field', () => {
    const polluting =
      '{"incident":{"incident_id":"1","state":"open","policy_user_labels":{"__proto__":{"chester-group":"orders"}}}}';
    assert.equal(parseNotification(polluting, startMs).kind, 'unusable');
    assert.equal(({} as Record<string, unknown>)['chester-group'], undefined);
  });

  it('never throws and always gives a short reason', () => {
    const field = fc.constantFrom(...Object.keys(openIncident));
    const changed = fc.array(fc.tuple(field, fc.jsonValue())).map((fields) => notification(Object.fromEntries(fields)));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), changed), (text) => {
        const parsed = parseNotification(text, startMs);
        if ('reason' in parsed) assert(parsed.reason.length > 0 && parsed.reason.length < 2000);
      }),
    );
  });
});

describe('mergeIncident', () => {
  const messages = fc
    .record({
      state: fc.constantFrom('open' as const, 'closed' as const),
      action: fc.constantFrom('scale-out' as const, 'scale-in' as const),
      openedAtMs: fc.nat(5),
      lastSeenAtMs: fc.nat(5),
      endedAtMs: fc.nat(5),
      policyName: fc.constantFrom('', 'p', 'q'),
      summary: fc.constantFrom('', 'a', 'b', 'c'),
    })
    .map(({ endedAtMs, ...seen }) => incident({ ...seen, closedAtMs: seen.state === 'closed' ? endedAtMs : null }));

  function mergeAll(seen: readonly Incident[]): Incident | null {
    return seen.reduce<Incident | null>((stored, message) => mergeIncident(stored, message), null);
  }

  it('comes to the same in any order and with any repetition', () => {
    const shuffled = fc
      .array(messages, { minLength: 1, maxLength: 6 })
      .chain((seen) =>
        fc.tuple(
          fc.constant(seen),
          fc.shuffledSubarray([...seen, ...seen, ...seen], { minLength: seen.length * 3, maxLength: seen.length * 3 }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([seen, again]) => {
        assert.deepEqual(mergeAll(again), mergeAll(seen));
      }),
    );
  });

  it('stays closed, whatever comes late', () => {
    const closed = incident({ state: 'closed', closedAtMs: startMs + 5 });
    const merged = mergeIncident(closed, incident({ lastSeenAtMs: startMs + 9 }));
    assert.equal(merged.state, 'closed');
    assert.equal(merged.closedAtMs, startMs + 5);
    assert.equal(merged.lastSeenAtMs, startMs + 9);
  });

  it('keeps the harmless one of two actions', () => {
    assert.equal(mergeIncident(incident({ action: 'scale-in' }), incident()).action, 'scale-out');
  });
});
