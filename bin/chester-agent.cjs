#!/usr/bin/env node
// Starts the bundled agent, agent.cjs, beside which this file is put. With V8's code cache of it nearly half of the time
// to the first apply is saved. V8 refuses a cache of another Node or of other V8 flags, and then compiles as usual.
'use strict';
const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { constants, Script } = require('node:vm');

/** Compiles agent.cjs of this folder; what it returns runs the agent in this process. */
function compileAgent(folder) {
  const [filename, cacheFile] = ['agent.cjs', 'agent.cache'].map((name) => path.join(folder, name));
  const script = new Script(`(function (require) {${readFileSync(filename, 'utf8')}\n})`, {
    filename,
    ...(existsSync(cacheFile) ? { cachedData: readFileSync(cacheFile) } : {}),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return { script, run: () => script.runInThisContext()(require) };
}

/**
 * How much a function runs before V8 optimises it: eight times V8's own measure. An agent applies a change now and then, and
 * what V8 gains by optimised code it loses by making it, for hundreds of changes and more, on threads beside the proxy's. What
 * loops over hundreds of servers is optimised all the same, within the first tens of changes.
 */
const interruptBudget = 8 * 67_584;

if (require.main === module) {
  compileAgent(__dirname).run();
  // Not before: V8 refuses code caches of other flags, this one and those of Node's own modules.
  setFlagsFromString(`--interrupt-budget=${interruptBudget}`);
} else module.exports = { compileAgent };
