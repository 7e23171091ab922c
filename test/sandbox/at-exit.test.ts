import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { systemClock, sleep } from '../../process/clock.ts';

const atExit = new URL('../../sandbox/at-exit.js', import.meta.url);

/** A process with a child that goes on for ever, whose pid it prints. */
const program = `
  import { spawn } from 'node:child_process';
  import { exitOnSignal, killAtExit } from '${atExit.href}';
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => undefined, 1e6)'], { stdio: 'ignore', detached: true });
  killAtExit(child);
  exitOnSignal();
  child.once('spawn', () => process.stdout.write(child.pid + '\\n'));
`;

describe('killAtExit', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`leaves no child behind after ${signal}`, { timeout: 60_000 }, async () => {
      const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [pid] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
      parent.kill(signal);
      const [code] = (await once(parent, 'exit')) as [number | null];
      assert.equal(code, 130);
      while (lives(Number(pid))) await sleep(systemClock, 20);
    });
  }
});

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
