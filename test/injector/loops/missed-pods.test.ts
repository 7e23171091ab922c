import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InjectorError, type InjectorErrorCode } from '../../../injector/errors.ts';
import { MissedPods } from '../../../injector/loops/missed-pods.ts';
import type { LivePod } from '../../../injector/ports.ts';
import { systemClock } from '../../../process/clock.ts';
import { createLogger } from '../../../process/log.ts';
import { podOf, settings } from '../settings.ts';

const live = (name: string): LivePod => ({ namespace: 'shop', name, uid: name, pod: podOf() });

/** Looks at two pods without agents, where the first event fails for a while. */
function open(code: InjectorErrorCode) {
  const asked: string[] = [];
  const counts: ReadonlyMap<string, number>[] = [];
  let failures = 1;
  const missed = new MissedPods(
    {
      cluster: {
        readVersion: () => Promise.resolve(1034),
        readOldestNode: () => Promise.resolve(1034),
        readNamespace: () => Promise.resolve(null),
        listNamespaces: () => Promise.resolve(new Map()),
        async *listPods() {
          yield* await Promise.resolve([live('one'), live('two')]);
        },
        tellAbout: ({ name }) => {
          asked.push(name);
          failures -= 1;
          return failures >= 0 ? Promise.reject(new InjectorError(code, 'events: status')) : Promise.resolve();
        },
      },
      metrics: {
        reviewed: () => undefined,
        setMissing: (found) => counts.push(found),
        setCertificateExpiry: () => undefined,
        clusterFailed: () => undefined,
      },
      clock: systemClock,
      log: createLogger('test', 'silent'),
      settings,
      capabilities: () => ({ nativeSidecars: true }),
    },
    60_000,
  );
  return { missed, asked, counts };
}

describe('MissedPods', () => {
  it('counts and tells of the others where one event is refused, as in a namespace that ends', async () => {
    const { missed, asked, counts } = open('CLUSTER_FORBIDDEN');
    await missed.look();
    assert.deepEqual(asked, ['one', 'two']);
    assert.deepEqual(counts, [new Map([['missed', 2]])]);
    await missed.look();
    assert.deepEqual(asked, ['one', 'two']);
  });

  it('tells at the next look what could not be written', async () => {
    const { missed, asked } = open('CLUSTER_UNAVAILABLE');
    await missed.look();
    await missed.look();
    await missed.look();
    assert.deepEqual(asked, ['one', 'two', 'one']);
  });
});
