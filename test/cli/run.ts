import { runChester } from '../../cli/main.ts';
import type { Shell } from '../../cli/shell.ts';

export type Run = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly columns?: number;
  readonly hasColour?: boolean;
};

export const testNowMs = 1_700_000_000_000;

/** Runs a command in this process, on a shell that remembers what was written. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const shell = new TestShell(options);
  const exitCode = await runChester(args, shell);
  return { exitCode, stdout: shell.stdout, stderr: shell.stderr };
}

/** A shell in memory. */
export class TestShell implements Shell {
  readonly env: Record<string, string>;
  readonly columns: number | null;
  readonly hasColour: boolean;
  stdout = '';
  stderr = '';
  readonly #stdin: string;
  #onWrite: () => void = () => undefined;
  readonly #interrupt = new AbortController();

  constructor({ env = {}, stdin = '', columns, hasColour = false }: RunOptions) {
    this.env = { ...env };
    this.columns = columns ?? null;
    this.hasColour = hasColour;
    this.#stdin = stdin;
  }

  readonly write = (text: string): void => {
    this.stdout += text;
    this.#onWrite();
  };
  readonly complain = (text: string): void => {
    this.stderr += text;
    this.#onWrite();
  };
  readonly readStdin = (): Promise<string> => Promise.resolve(this.#stdin);
  readonly readSecret = (): Promise<string> => Promise.resolve(this.#stdin.replace(/\n$/, ''));
  readonly nowMs = (): number => testNowMs;
  readonly interrupted = (): AbortSignal => this.#interrupt.signal;

  /** Ctrl-C. */
  interrupt(): void {
    this.#interrupt.abort();
  }

  /** Resolves when what was written satisfies `wants`. */
  until(wants: (shell: TestShell) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#onWrite = () => {
        if (wants(this)) resolve();
      };
      this.#onWrite();
    });
  }
}
