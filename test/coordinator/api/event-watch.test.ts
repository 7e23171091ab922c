import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type ServiceError, status } from '@grpc/grpc-js';
import type { NewEvent } from '../../../coordinator/core/records.ts';
import type { Event__Output } from '../../../proto/gen/chester/v1/Event.ts';
import { eventually, TestServer } from './server.ts';

let server: TestServer;
let admin: ReturnType<TestServer['admin']>;

beforeEach(async () => {
  server = await new TestServer().start();
  admin = server.admin();
});
afterEach(() => server.stop());

describe('AdminService.WatchEvents', () => {
  const open: (() => void)[] = [];
  afterEach(() => {
    for (const cancel of open.splice(0)) cancel();
  });
  const event = (subject: string, group = ''): NewEvent => ({
    atMs: 1,
    group,
    kind: 'GROUP',
    subject,
    reason: '',
    message: '',
  });
  const add = (...subjects: string[]) =>
    server.store.commit({ writes: [], events: subjects.map((subject) => event(subject)) });

  function watch(request: object): { readonly seen: string[]; readonly cancel: () => void } {
    const stream = admin.watchEvents(request);
    const seen: string[] = [];
    stream.on('data', ({ subject }: Event__Output) => seen.push(subject));
    stream.on('error', () => undefined);
    open.push(() => {
      stream.cancel();
    });
    return {
      seen,
      cancel: () => {
        stream.cancel();
      },
    };
  }

  it('sends what is kept, then what happens', async () => {
    await add('1', '2', '3');
    const all = watch({});
    const some = watch({ afterSequence: 2 });
    await eventually(() => all.seen.length === 3 && some.seen.length === 1, 'kept events arrive');
    await add('4');
    await eventually(() => all.seen.length === 4 && some.seen.length === 2, 'new events arrive');
    assert.deepEqual(
      [all.seen, some.seen],
      [
        ['1', '2', '3', '4'],
        ['3', '4'],
      ],
    );
  });

  const refusalOf = (request: object) =>
    new Promise<{ readonly code: number; readonly details: string }>((resolve) => {
      const stream = admin.watchEvents(request);
      stream.on('data', () => undefined);
      stream.on('error', ({ code, details }: ServiceError) => {
        resolve({ code, details });
      });
    });

  it('refuses a group that was never heard of, and one of which events are kept is watched', async () => {
    assert.deepEqual(await refusalOf({ group: 'odrers' }), {
      code: status.NOT_FOUND,
      details: 'group "odrers" is not declared',
    });
    await server.store.commit({ writes: [], events: [event('deleted', 'orders')] });
    const some = watch({ group: 'orders' });
    await eventually(() => some.seen.length === 1, 'its events arrive');
  });

  it('says when events in between are gone, or never were', async () => {
    await add('1', '2', '3', '4');
    await server.store.pruneEvents(2);
    for (const afterSequence of [1, 9]) {
      const { code, details } = await refusalOf({ afterSequence });
      assert.equal(code, status.OUT_OF_RANGE);
      assert.match(details, /^events after \d are not known any more \(kept are 3 to 4\)/);
    }
    const next = watch({ afterSequence: 2 });
    await eventually(() => next.seen.length === 2, 'what is kept arrives');
  });

  it('sends only new ones when asked to', async () => {
    await add('1', '2');
    const fresh = watch({ newOnly: true });
    // Nobody says when it has begun to watch.
    for (let number = 3; fresh.seen.length === 0 && number < 600; number += 1) {
      await add(String(number));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const first = Number(fresh.seen[0]);
    assert.ok(first >= 3, `an old one came: ${first}`);
    await add('last');
    await eventually(() => fresh.seen.at(-1) === 'last', 'what is added afterwards arrives');
    const run = fresh.seen.slice(0, -1);
    assert.deepEqual(
      run,
      run.map((_, index) => String(first + index)),
    );
  });

  it("sends one group's only", async () => {
    await server.store.commit({
      writes: [],
      events: [event('a', 'orders'), event('b', 'billing'), event('c', 'orders')],
    });
    const orders = watch({ group: 'orders' });
    await eventually(() => orders.seen.length === 2, 'events arrive');
    assert.deepEqual(orders.seen, ['a', 'c']);
  });

  it('sends thousands in order, once', async () => {
    const subjects = Array.from({ length: 2500 }, (_, index) => String(index));
    await add(...subjects);
    const all = watch({});
    await eventually(() => all.seen.length === 2500, 'all arrive');
    assert.deepEqual(all.seen, subjects);
  });

  it('stops watching the store when the watcher goes', async () => {
    const { store } = server;
    const watchEvents = store.watchEvents.bind(store);
    let watchers = 0;
    store.watchEvents = (onEvent) => {
      watchers += 1;
      const unwatch = watchEvents(onEvent);
      let isOver = false;
      return () => {
        if (!isOver) watchers -= 1;
        isOver = true;
        unwatch();
      };
    };
    const all = watch({});
    await eventually(() => watchers === 1, 'the watch begins');
    all.cancel();
    await eventually(() => watchers === 0, 'the watch ends');
  });
});
