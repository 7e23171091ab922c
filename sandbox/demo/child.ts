import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { killAtExit } from '../at-exit.ts';

const chester = fileURLToPath(new URL('../../bin/chester.js', import.meta.url));
const stopDeadlineMs = 5000;

export type ChildOptions = {
  /** A script in place of `chester`. */
  readonly program?: string;
  /** What stands behind it. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
};

/** A `chester …` process of the demo. It never outlives the demo: it is ended by its pid. */
export class Child {
  readonly #options: ChildOptions;
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(options: ChildOptions) {
    this.#options = options;
    const log = openSync(options.logFile, 'a');
    this.#process = spawn(process.execPath, [options.program ?? chester, ...options.args], {
      env: { METADATA_SERVER_DETECTION: 'none', ...options.env },
      stdio: ['ignore', 'pipe', log],
      // A Ctrl-C in the terminal goes to the demo alone, which then stops its children in order.
      detached: true,
    });
    closeSync(log);
    killAtExit(this.#process);
    this.#ended = new Promise((resolve) => {
      this.#process.once('exit', () => {
        resolve();
      });
      this.#process.once('error', () => {
        resolve();
      });
    });
  }

  /** Starts a process. */
  static start(options: ChildOptions): Child {
    return new Child(options);
  }

  /**
   * Waits for the one line of JSON by which a process says that it is ready.
   *
   * @throws {Error} when it ends before, naming its log.
   */
  async ready(): Promise<Readonly<Record<string, string>>> {
    const { stdout } = this.#process;
    if (stdout === null) throw new Error('a child without stdout');
    const firstLine = new Promise<string>((resolve) => createInterface({ input: stdout }).once('line', resolve));
    const line = await Promise.race([firstLine, this.#ended]);
    if (line === undefined) {
      const { args, logFile } = this.#options;
      throw new Error(`chester ${args.join(' ')} ended before it was ready; its log is ${logFile}`);
    }
    return JSON.parse(line) as Readonly<Record<string, string>>;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Sends a signal to this very process. */
  signal(signal: NodeJS.Signals): void {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill(signal);
  }

  /** Kills it as a crash would, and waits until it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#ended;
  }

  /** Stops it in order, or by force after five seconds. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    const force = setTimeout(() => {
      this.signal('SIGKILL');
    }, stopDeadlineMs);
    await this.#ended;
    clearTimeout(force);
  }
}
