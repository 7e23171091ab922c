import { text as readAll } from 'node:stream/consumers';
import { readHidden } from './hidden-input.ts';

/** What a command sees of the process it runs in; a test passes its own. */
export type Shell = {
  readonly env: NodeJS.ProcessEnv;
  /** Writes to stdout: the answer and nothing else. */
  readonly write: (text: string) => void;
  /** Writes to stderr. */
  readonly complain: (text: string) => void;
  readonly readStdin: () => Promise<string>;
  /** Reads a secret: from a terminal one line that is not shown, else all there is without its last line break. */
  readonly readSecret: (prompt: string) => Promise<string>;
  /** Width of the terminal; null when stdout is none. */
  readonly columns: number | null;
  readonly hasColour: boolean;
  readonly nowMs: () => number;
  /** Catches Ctrl-C from now on; aborts at the first. */
  readonly interrupted: () => AbortSignal;
};

/** Opens the shell of a real process. A reader that closes the pipe of an answer (`| head`) ends it in silence. */
export function processShell(process: NodeJS.Process): Shell {
  const { stdout, stderr, stdin, env } = process;
  let isWatched = false;
  const write = (text: string) => {
    // Not before: a daemon that nobody listens to any more goes on.
    if (!isWatched) {
      stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
    }
    isWatched = true;
    stdout.write(text);
  };
  return {
    env,
    write,
    complain: (text) => void stderr.write(text),
    readStdin: () => readAll(stdin),
    readSecret: (prompt) => readHidden({ stdin, stderr }, prompt),
    columns: stdout.isTTY && stdout.columns > 0 ? stdout.columns : null,
    hasColour: stdout.isTTY && (env['NO_COLOR'] ?? '') === '',
    nowMs: () => Date.now(),
    interrupted() {
      const controller = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => {
          controller.abort();
        });
      }
      return controller.signal;
    },
  };
}
