import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type JsonObject, textAt } from '../../../sandbox/cloudsql/json.ts';
import { CloudSqlModel } from '../../../sandbox/cloudsql/model.ts';
import { parseState, renderState } from '../../../sandbox/cloudsql/model-state.ts';
import { createReplica, makeWorld, operationOf, options, refusal, replicaBody } from './model-fixture.ts';

describe('CloudSqlModel.listInstances', () => {
  function names(answer: JsonObject): unknown[] {
    return ((answer['items'] ?? []) as JsonObject[]).map((item) => item['name']);
  }

  it('leaves items out when nothing is found', () => {
    const { model } = makeWorld();
    assert.deepEqual(model.listInstances({ filter: 'name:nobody' }), { kind: 'sql#instancesList' });
  });

  it('pages by name, also when an instance of an earlier page goes meanwhile', () => {
    const world = makeWorld();
    createReplica(world, 'orders-ro-1', 0);
    const first = world.model.listInstances({ maxResults: '2' });
    assert.deepEqual(names(first), ['orders', 'orders-ro-1']);
    world.model.deleteInstance('orders-ro-1', 2000);
    world.model.advance(3000);
    const second = world.model.listInstances({ maxResults: '2', pageToken: textAt(first, 'nextPageToken') ?? '' });
    assert.deepEqual(names(second), ['orders-static']);
    assert.equal(second['nextPageToken'], undefined);
  });

  it('warns when more than 1000 results a page are asked for, and refuses nonsense', () => {
    const { model } = makeWorld();
    const [warning] = model.listInstances({ maxResults: '1001' })['warnings'] as JsonObject[];
    assert.equal(warning?.['code'], 'MAX_RESULTS_EXCEEDS_LIMIT');
    assert.equal(model.listInstances({ maxResults: '1000' })['warnings'], undefined);
    for (const query of [{ maxResults: '0' }, { maxResults: 'x' }, { pageToken: 'x' }, { filter: 'state' }]) {
      assert.equal(refusal(() => model.listInstances(query)).status, 400, JSON.stringify(query));
    }
  });

  it('hides what a gap hides, and says so', () => {
    const { model } = makeWorld();
    const gap = { warnings: [{ code: 'REGION_UNREACHABLE' }], hiddenNames: ['orders-static'] };
    const answer = model.listInstances({}, gap);
    assert.deepEqual(names(answer), ['orders']);
    assert.deepEqual(answer['warnings'], gap.warnings);
  });
});

describe('CloudSqlModel.listOperations', () => {
  it('pages newest first without repeats when an operation comes in between', () => {
    const { model } = makeWorld();
    const patch = (nowMs: number): void => {
      model.changeInstance('orders', { body: {}, isWhole: false }, nowMs);
      model.advance(nowMs + 1000);
    };
    for (const nowMs of [0, 1000, 2000]) patch(nowMs);
    const first = model.listOperations({ maxResults: '2' });
    patch(3000);
    const second = model.listOperations({ maxResults: '2', pageToken: textAt(first, 'nextPageToken') ?? '' });
    const found = [first, second].map((answer) => (answer['items'] as JsonObject[]).map((item) => item['name']));
    assert.deepEqual(found, [['operation-3', 'operation-2'], ['operation-1']]);
  });
});

describe('CloudSqlModel.lagSeconds', () => {
  it('falls to 0 while a new replica catches up, and is then what was set', () => {
    const world = makeWorld();
    const readyMs = createReplica(world, 'orders-ro-1', 0);
    const lags = [0, 10_000, 30_000, 60_000].map((afterMs) => world.model.lagSeconds('orders-ro-1', readyMs + afterMs));
    assert.deepEqual(lags, [30, 20, 0, 0]);
    world.model.setLag('orders-ro-1', 7);
    assert.equal(world.model.lagSeconds('orders-ro-1', readyMs), 7);
    world.model.setLag('orders-ro-1', null);
    assert.equal(world.model.lagSeconds('orders-ro-1', readyMs), null);
  });
});

describe('renderState, parseState', () => {
  it('keep instances, operations in flight and given-up names', () => {
    const { model } = makeWorld();
    model.deleteInstance('orders-static', 0);
    model.advance(550);
    const operation = model.insertInstance(replicaBody(), 600);
    const deps = { newId: () => 'next', takeOperationFault: () => null };
    const again = new CloudSqlModel(deps, options, parseState(renderState(model.state)));
    again.seed({ name: 'orders', replicas: [{ name: 'orders-static' }] }, 700);
    again.assignAddress('orders-ro-1', '127.0.9.7');
    again.advance(9000);
    assert.equal(operationOf(again, operation)['status'], 'DONE');
    assert.deepEqual(again.getInstance('orders')['replicaNames'], ['orders-ro-1']);
    const insert = (): unknown => again.insertInstance(replicaBody({ name: 'orders-static' }), 9000);
    assert.equal(refusal(insert).reason, 'instanceAlreadyExists');
  });

  it('refuse a file that is something else', () => {
    assert.throws(() => parseState('[]'), /not a state file/);
  });
});
