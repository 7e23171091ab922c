// Runs the compiled tests, three files at a time. Arguments name files or parts of their names; without any, every
// *.test.js runs. Ends with 1 when a test failed.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** What runs longest starts first, so that nothing is waited for alone at the end; then the others, by name. */
const longest = [
  'system/crash',
  'together/agent-system',
  'system/restored-store',
  'system/kill',
  'simulation/',
  'charts/trial',
  'together/coordinator-loops',
  'system/takeover',
  'system/cells',
  'together/coordinator-core',
  'system/',
  'together/agent-core',
  'cloudsql/gcloud',
  'charts/',
  'together/',
  'contract/',
];
/**
 * Folders whose files run in one process: more than half of what they took went into loading the same modules again.
 * Nothing in them is global but hooks outside any `describe`, which would be hooks of all: files with such run apart.
 */
const together = new RegExp(
  `^dist/test/(${[
    '(agent|coordinator|injector)(/(core|loops|adapters))?',
    'agent/system',
    'coordinator/api',
    'cli',
    'process',
    'sandbox/cloudsql',
  ].join('|')})$`,
);
const globalHook = /^(before|after)(Each)?\(/m;

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

/** Writes a module that runs all tests of a folder. Returns its name. */
function joinFiles(folder, names) {
  const joined = path.join('dist/test/together', `${path.relative('dist/test', folder).replaceAll(path.sep, '-')}.js`);
  mkdirSync(path.dirname(joined), { recursive: true });
  const imports = names.map((name) => `import '${path.relative(path.dirname(joined), name)}';\n`);
  writeFileSync(joined, imports.join(''));
  return joined;
}

function startOrder(name) {
  const place = longest.findIndex((part) => name.includes(part));
  return place < 0 ? longest.length : place;
}

const isShared = (name) => together.test(path.dirname(name)) && !globalHook.test(readFileSync(name, 'utf8'));
const folders = [...new Set(files.filter(isShared).map((name) => path.dirname(name)))];
const joined = folders.map((folder) =>
  joinFiles(
    folder,
    files.filter((name) => path.dirname(name) === folder && isShared(name)),
  ),
);
const apart = files.filter((name) => !isShared(name));
const inOrder = [...joined, ...apart].toSorted((one, other) => startOrder(one) - startOrder(other));

// What the build has bundled just now: it starts in half the time, and dozens of processes start.
const bundled = path.resolve('dist/chester/lib/bin/chester.js');
if (existsSync(bundled)) process.env.CHESTER_PROGRAM = bundled;
// The files' processes get this one's options.
process.execArgv.push('--enable-source-maps');
run({ files: inOrder.map((name) => path.resolve(name)), concurrency: 3 })
  .on('test:fail', () => {
    process.exitCode = 1;
  })
  .compose(new spec())
  .pipe(process.stdout);
