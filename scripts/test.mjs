// Runs the compiled tests. Arguments name files or parts of their names; without any, every *.test.js runs.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const wanted = process.argv.slice(2);
const files = readdirSync('dist/test', { recursive: true })
  .map((name) => path.join('dist/test', String(name)))
  .filter((name) => name.endsWith('.test.js'))
  .filter((name) => existsSync(path.relative('dist', name).replace(/\.js$/, '.ts'))) // not what a removed source left
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();
if (files.length === 0) {
  console.error(`No compiled test matches ${wanted.join(' ') || '*.test.js'}.`);
  process.exit(1);
}
// What the build has bundled just now: it starts in half the time, and dozens of processes start.
const bundled = path.resolve('dist/chester/lib/bin/chester.js');
const env = { ...process.env, ...(existsSync(bundled) ? { CHESTER_PROGRAM: bundled } : {}) };
const node = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--test', '--test-concurrency=3', '--test-reporter=spec', ...files],
  { stdio: 'inherit', env },
);
process.exit(node.status ?? 1);
