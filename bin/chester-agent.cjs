#!/usr/bin/env node
// Starts the bundled agent, agent.cjs, beside which this file is put. With V8's code cache of it nearly half of the time
// to the first apply is saved. V8 refuses a cache of another Node or of other V8 flags, and then compiles as usual.
'use strict';
const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');
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

if (require.main === module) compileAgent(__dirname).run();
else module.exports = { compileAgent };
