import assert from 'node:assert/strict';
import { EmbeddedStore } from '../../../coordinator/adapters/store-embedded.ts';
import { runCoordinator } from '../../../coordinator/main.ts';
import { CrashScript } from './points.ts';

// A whole `chester coordinator`, but for its store: that ends the process around the write that CRASH_FOLDER names.
const folder = process.env['CRASH_FOLDER'];
assert(folder !== undefined, 'CRASH_FOLDER is not set');
const script = new CrashScript(folder);
const open = EmbeddedStore.open.bind(EmbeddedStore);
EmbeddedStore.open = (options) => {
  const store = open(options);
  const commit = store.commit.bind(store);
  store.commit = (asked) => script.around(asked, () => commit(asked));
  return store;
};
await runCoordinator(process.env);
