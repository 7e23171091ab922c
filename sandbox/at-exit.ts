import type { ChildProcess } from 'node:child_process';

const living = new Set<ChildProcess>();

/** Whoever ends this process without ending its children leaves none behind; but for SIGKILL, of which nobody is told. */
export function killAtExit(child: ChildProcess): void {
  if (living.size === 0) process.once('exit', killAll);
  living.add(child);
  child.once('exit', () => {
    living.delete(child);
    if (living.size === 0) process.removeListener('exit', killAll);
  });
}

function killAll(): void {
  for (const child of living) child.kill('SIGKILL');
}

/** Ctrl-C and a termination end this process as its own end would, so that what stands above happens. */
export function exitOnSignal(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      process.exit(130);
    });
  }
}
