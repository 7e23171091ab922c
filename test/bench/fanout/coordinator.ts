import assert from 'node:assert/strict';
import { EmbeddedStore } from '../../../coordinator/adapters/store-embedded.ts';
import { keys } from '../../../coordinator/core/records.ts';
import { runCoordinator } from '../../../coordinator/main.ts';
import { serveProbe } from './probe.ts';

// A whole `chester coordinator` that also tells what it uses, and takes a change without looking at the group for the
// answer: that would be measured too.
const port = Number(process.env['PROBE_PORT']);
assert(port > 0, 'PROBE_PORT is not set');
const parent = process.ppid;
// A bench that was killed leaves nothing behind.
setInterval(() => {
  if (process.ppid !== parent) process.exit(1);
}, 1000).unref();
const stores: EmbeddedStore[] = [];
const open = EmbeddedStore.open.bind(EmbeddedStore);
EmbeddedStore.open = (options) => {
  const store = open(options);
  stores.push(store);
  return store;
};
serveProbe(port, async (group, weight) => {
  const [store] = stores;
  const stored = await store?.get(keys.group(group));
  assert(store !== undefined && stored !== undefined && stored !== null, `no group ${group}`);
  const [first, ...others] = stored.value.staticReaders;
  assert(first !== undefined, `${group} has no static reader`);
  const value = { ...stored.value, staticReaders: [{ ...first, weight }, ...others] };
  await store.commit({ writes: [{ key: stored.key, value, ifRevision: stored.revision }] });
});
await runCoordinator(process.env);
