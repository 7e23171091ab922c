import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { apiErrorOfStatus, renderApiError } from '../../../sandbox/cloudsql/api-error.ts';
import { FaultBook, parseFault } from '../../../sandbox/cloudsql/faults.ts';
import { parseInstanceBody } from '../../../sandbox/cloudsql/fields.ts';
import { matchesFilter, parseFilter } from '../../../sandbox/cloudsql/filter.ts';
import { applyFieldMask, parseFieldMask } from '../../../sandbox/cloudsql/partial.ts';

const resource = {
  name: 'orders-ro-1',
  state: 'RUNNABLE',
  masterInstanceName: 'demo:orders',
  settings: { settingsVersion: '3', storageAutoResize: true, userLabels: { 'chester-install': 'main', note: 'a b' } },
  ipAddresses: [
    { type: 'PRIMARY', ipAddress: '203.0.113.1' },
    { type: 'PRIVATE', ipAddress: '127.0.0.2' },
  ],
};

describe('parseFieldMask, applyFieldMask', () => {
  const cases: readonly (readonly [string, object])[] = [
    ['name,state', { name: 'orders-ro-1', state: 'RUNNABLE' }],
    ['settings/settingsVersion', { settings: { settingsVersion: '3' } }],
    [
      'settings(userLabels/note,storageAutoResize)',
      { settings: { storageAutoResize: true, userLabels: { note: 'a b' } } },
    ],
    ['ipAddresses/type', { ipAddresses: [{ type: 'PRIMARY' }, { type: 'PRIVATE' }] }],
    ['ipAddresses(nothing),name', { name: 'orders-ro-1', ipAddresses: [] }],
    ['settings(nothing),name/first', {}],
    ['settings/*', { settings: resource.settings }],
    ['*', resource],
  ];
  for (const [fields, expected] of cases) {
    it(`${fields} leaves ${JSON.stringify(expected).slice(0, 40)}`, () => {
      const mask = parseFieldMask(fields);
      assert.deepEqual(mask === null ? null : applyFieldMask(mask, resource), expected);
    });
  }

  it('asks for everything when it is empty', () => {
    assert.equal(parseFieldMask(''), null);
  });

  for (const fields of ['a,', ',a', 'a(', 'a(b', 'a)', 'a()', 'a/', 'a b', 'a-b', '(a)']) {
    it(`is refused: ${fields}`, () => {
      assert.throws(() => parseFieldMask(fields), { status: 400, message: `Invalid field selection ${fields}` });
    });
  }
});

describe('parseFilter, matchesFilter', () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ['', true],
    ['state:RUNNABLE', true],
    ['state=RUNNABLE', true],
    ['state:RUN', false],
    ['state!=RUNNABLE', false],
    ['state!=FAILED', true],
    ['masterInstanceName:demo:orders', true],
    ['masterInstanceName:"demo:orders"', true],
    ['settings.userLabels.chester-install:main', true],
    ['settings.userLabels.chester-install:other', false],
    ['settings.userLabels.note:"a b"', true],
    ['settings.userLabels:note', true],
    ['settings.userLabels:nothing', false],
    ['settings.userLabels.note:*', true],
    ['settings.userLabels.nothing:*', false],
    ['settings.storageAutoResize:true', true],
    ['settings.settingsVersion:3', true],
    ['ipAddresses.type:PRIVATE', true],
    ['ipAddresses.type:OUTGOING', false],
    ['state:RUNNABLE name:orders-ro-1', true],
    ['state:RUNNABLE name:other', false],
    ['state:RUNNABLE AND name:other', false],
    ['state:FAILED OR name:orders-ro-1', true],
    ['state:RUNNABLE OR name:other AND state:FAILED', false],
    ['state:RUNNABLE OR (name:other AND state:FAILED)', true],
    ['NOT state:FAILED', true],
    ['-state:RUNNABLE', false],
  ];
  for (const [filter, expected] of cases) {
    it(`${filter === '' ? 'nothing' : filter} ${expected ? 'matches' : 'does not match'}`, () => {
      assert.equal(matchesFilter(parseFilter(filter), resource), expected);
    });
  }

  for (const filter of ['state', 'state:', ':x', '(state:RUNNABLE', 'state:RUNNABLE )', 'state:a OR', 'NOT', '"']) {
    it(`refuses ${filter}`, () => {
      assert.throws(() => parseFilter(filter), { status: 400, reason: 'invalid' });
    });
  }
});

describe('parseInstanceBody', () => {
  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    ['no object', null, /must be an object/],
    ['a list', [], /must be an object/],
    ['an unknown field', { sttings: {} }, /Unknown name "sttings": Cannot find field/],
    ['an unknown setting', { settings: { teir: 'x' } }, /Unknown name "teir" at 'settings': Cannot find field/],
    ['an inherited name', { settings: { constructor: 'x' } }, /Unknown name "constructor"/],
    ['a number for a text', { settings: { tier: 5 } }, /Invalid value at 'settings\.tier' \(TYPE_STRING\)/],
    ['a fraction for an int64', { settings: { dataDiskSizeGb: 1.5 } }, /'settings\.dataDiskSizeGb' \(TYPE_INT64\)/],
    ['a text for a boolean', { settings: { ipConfiguration: { ipv4Enabled: 'no' } } }, /ipv4Enabled/],
    ['labels that are no texts', { settings: { userLabels: { a: 1 } } }, /settings\.userLabels/],
    ['settings that are no object', { settings: 'x' }, /Invalid value at 'settings'/],
  ];
  for (const [name, body, message] of cases) {
    it(`refuses ${name}`, () => {
      assert.throws(() => parseInstanceBody(body), { status: 400, message });
    });
  }

  it('takes int64 as text and as number, and null for any field', () => {
    const body = { region: null, settings: { dataDiskSizeGb: '20', settingsVersion: 0, userLabels: { a: null } } };
    assert.equal(parseInstanceBody(body), body);
  });
});

describe('renderApiError', () => {
  it('has the shape of the API', () => {
    assert.deepEqual(renderApiError(apiErrorOfStatus(404, { reason: 'instanceDoesNotExist' })), {
      error: {
        code: 404,
        message: 'The Cloud SQL instance does not exist.',
        errors: [
          { message: 'The Cloud SQL instance does not exist.', domain: 'global', reason: 'instanceDoesNotExist' },
        ],
      },
    });
  });

  it('adds status and details to a quota error', () => {
    const body = renderApiError(apiErrorOfStatus(429))['error'] as { status: string; details: { reason: string }[] };
    assert.equal(body.status, 'RESOURCE_EXHAUSTED');
    assert.equal(body.details[0]?.reason, 'RATE_LIMIT_EXCEEDED');
  });
});

describe('parseFault', () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [null, /object/],
    [{ kind: 'fire' }, /kind must be one of/],
    [{ kind: 'httpError', call: 'instances.list' }, /needs status/],
    [{ kind: 'httpError', call: 'instances.explode', status: 500 }, /call must be one of/],
    [{ kind: 'httpError', call: 'instances.list', status: 200 }, /status must be/],
    [{ kind: 'dropAnswer', call: 'instances.insert', times: 0 }, /times must be/],
    [{ kind: 'operationFails', operationType: 'EXPLODE', code: 'x' }, /operationType must be one of/],
    [{ kind: 'listWarning', hiddenNames: 'x' }, /hiddenNames must be/],
  ];
  for (const [body, problem] of cases) {
    it(`refuses ${JSON.stringify(body)}`, () => {
      const fault = parseFault(body);
      assert.equal(typeof fault, 'string');
      assert.match(fault as string, problem);
    });
  }
});

describe('FaultBook', () => {
  it('gives each fault as often as asked, to the call it is for', () => {
    const faults = new FaultBook();
    faults.add({ kind: 'httpError', call: 'instances.list', status: 503, times: 2 });
    assert.equal(faults.takeHttpError('instances.get'), null);
    assert.equal(faults.takeHttpError('instances.list')?.status, 503);
    assert.deepEqual(faults.pending(), [{ kind: 'httpError', call: 'instances.list', status: 503, times: 1 }]);
    assert.equal(faults.takeHttpError('instances.list')?.reason, 'backendError');
    assert.equal(faults.takeHttpError('instances.list'), null);
  });
});
