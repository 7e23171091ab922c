// Runs the compiled tests. Arguments name files or parts of their names; without any, every *.test.js runs.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** What takes longest begins first, so that nothing long is left alone at the end; most of it waits for processes. */
const longFirst = ['test/system/', 'test/simulation/', 'test/charts/', 'test/agent/system/', 'test/contract/'];

const wanted = process.argv.slice(2);
const files = readdirSync('dist/test', { recursive: true })
  .map((name) => path.join('dist/test', String(name)))
  .filter((name) => name.endsWith('.test.js'))
  .filter((name) => existsSync(path.relative('dist', name).replace(/\.js$/, '.ts'))) // not what a removed source left
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort((one, other) => turnOf(one) - turnOf(other) || one.localeCompare(other));
if (files.length === 0) {
  console.error(`No compiled test matches ${wanted.join(' ') || '*.test.js'}.`);
  process.exit(1);
}

function turnOf(file) {
  const turn = longFirst.findIndex((folder) => file.includes(folder));
  return turn === -1 ? longFirst.length : turn;
}

run({ files: files.map((file) => path.resolve(file)), concurrency: 3 })
  .on('test:fail', ({ todo }) => {
    if (todo === undefined || todo === false) process.exitCode = 1;
  })
  .compose(spec)
  .pipe(process.stdout);
