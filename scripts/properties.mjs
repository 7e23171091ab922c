// Runs the tests that hold properties, ROUNDS times, each time with another random seed; stops at the first that fails.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const rounds = Number(process.env.ROUNDS ?? 10);
const files = readdirSync('test', { recursive: true })
  .map((name) => path.join('test', String(name)))
  .filter((name) => name.endsWith('.test.ts') && /properties|lives\.ts|checkLives/.test(readFileSync(name, 'utf8')))
  .map((name) => path.join('dist', name.replace(/\.ts$/, '.js')));

for (let round = 1; round <= rounds; round += 1) {
  const seed = randomInt(2 ** 31);
  const node = spawnSync(process.execPath, ['--test', '--test-concurrency=2', '--test-reporter=dot', ...files], {
    stdio: 'inherit',
    env: { ...process.env, PROPERTY_SEED: String(seed) },
  });
  console.log(`round ${round} of ${rounds}: PROPERTY_SEED=${seed} ${node.status === 0 ? 'held' : 'failed'}`);
  if (node.status !== 0) process.exit(1);
}
