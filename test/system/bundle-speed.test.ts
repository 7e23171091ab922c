import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { promisify } from 'node:util';
import { bundleFolder } from '../agent/fakes/bundled-agent.ts';

/** Writes down when a program changes V8's flags, and which of Node's modules were there by then. */
const hook = `
const v8 = require('node:v8');
const { setFlagsFromString } = v8;
v8.setFlagsFromString = (flags) => {
  const hasModules = ['http2', 'tls', 'crypto'].every((name) => process.moduleLoadList.includes('NativeModule ' + name));
  require('node:fs').appendFileSync(process.env.SEEN, JSON.stringify({ flags, hasModules }) + '\\n');
  setFlagsFromString(flags);
};
`;

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'chester-bundle-speed-'));
});
after(() => rm(folder, { recursive: true, force: true }));

it('has V8 optimise late, and says so only once all modules came out of their code caches', async () => {
  const [hookFile, seenFile] = [path.join(folder, 'hook.cjs'), path.join(folder, 'seen')];
  await writeFile(hookFile, hook);
  const program = path.join(bundleFolder, 'chester-agent.cjs');
  const env = { SEEN: seenFile };
  const { stderr } = await promisify(execFile)(process.execPath, ['--require', hookFile, program, '--help'], { env });
  assert.equal(stderr, '', 'V8 knows the flag');
  const seen = (await readFile(seenFile, 'utf8')).trimEnd().split('\n');
  assert.deepEqual(
    seen.map((line): unknown => JSON.parse(line)),
    [{ flags: '--interrupt-budget=540672', hasModules: true }],
  );
});

it('has functions with their names, and names none while it runs', async () => {
  const source = await readFile(path.join(bundleFolder, 'agent.cjs'), 'utf8');
  // The source is a megabyte: nobody wants to see it where this fails.
  assert.ok(source.includes('function planServers('), 'functions have their names');
  assert.ok(/\bApplier=class\b/.test(source), 'classes have theirs');
  const naming = /\(\w+,"name",\{value:\w+,configurable:!0\}\)/;
  assert.ok(!naming.test(source), "there is what esbuild's keepNames calls for each function that is made");
});
