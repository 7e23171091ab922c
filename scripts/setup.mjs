// Installs the npm packages when node_modules is missing or older than the lock file. Prints nothing when all is current.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

const [major] = process.versions.node.split('.');
if (Number(major) < 20) {
  console.error(`chester needs Node 20 or newer; this is ${process.version}.`);
  process.exit(1);
}

const installed = 'node_modules/.package-lock.json';
const isCurrent = existsSync(installed) && statSync(installed).mtimeMs >= statSync('package-lock.json').mtimeMs;
if (!isCurrent) {
  console.error('Installing npm packages (npm ci) …');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (npm.status !== 0) process.exit(npm.status ?? 1);
}
