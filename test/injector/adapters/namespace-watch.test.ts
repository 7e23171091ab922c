import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { NamespaceWatch } from '../../../injector/adapters/namespace-watch.ts';
import { type Clock, sleep, systemClock } from '../../../process/clock.ts';
import { FakeApiServer } from '../api-server.ts';

/** The pauses between tries, a hundred times as short. */
const hurried: Clock = {
  ...systemClock,
  setTimer: (delayMs, callback) => systemClock.setTimer(delayMs / 100, callback),
};

describe('NamespaceWatch', { timeout: 60_000 }, () => {
  it('begins anew where its list gets no answer', async () => {
    const api = new FakeApiServer();
    api.namespaces.set('shop', { labels: { 'chester/fleet': 'main' } });
    api.silentLists = 1;
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      { name: 'fake', server: await api.start(), skipTLSVerify: true },
      { name: 'user', token: 'token' },
    );
    const failed: string[] = [];
    const watch = new NamespaceWatch({
      config,
      cluster: { readNamespace: () => Promise.resolve(null) } as never,
      metrics: { clusterFailed: (call: string) => failed.push(call) } as never,
      clock: hurried,
      listDeadlineMs: 1000,
    });
    try {
      watch.start();
      while ((await watch.marksOf('shop')) === null) await sleep(systemClock, 10, new AbortController().signal);
      assert.deepEqual(await watch.marksOf('shop'), { labels: { 'chester/fleet': 'main' }, annotations: undefined });
      // On a busy machine a list that is answered may be late too.
      assert.deepEqual([...new Set(failed)], ['watch']);
    } finally {
      await watch.stop();
      api.stop();
    }
  });
});
