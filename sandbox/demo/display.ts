/** Where the demo writes; a terminal gets a moving line, a file gets one line a step. */
export type Screen = { readonly isTTY: boolean; readonly write: (text: string) => void };

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 100;

/** Shows steps as they go: one line each, with the time that it took. */
export class Display {
  readonly #screen: Screen;
  #timer: NodeJS.Timeout | null = null;
  #text = '';
  #startedAtMs = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  line(text = ''): void {
    this.#screen.write(`${text}\n`);
  }

  /** Runs a step under a line that says what is awaited; `work` may change that text. */
  async step<T>(
    text: string,
    work: (say: (text: string) => void) => Promise<T>,
    done: (value: T) => string,
  ): Promise<T> {
    this.#begin(text);
    try {
      const value = await work((next) => {
        this.#text = next;
      });
      this.#end('✔', done(value));
      return value;
    } catch (error) {
      this.#end('✖', this.#text);
      throw error;
    }
  }

  /** Takes the moving line away, whatever was going on. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#clear();
  }

  #begin(text: string): void {
    this.#text = text;
    this.#startedAtMs = performance.now();
    if (!this.#screen.isTTY) return;
    let frame = 0;
    this.#timer = setInterval(() => {
      this.#clear();
      this.#screen.write(`  ${frames[frame % frames.length] ?? ''} ${this.#text} ${this.#elapsed()}`);
      frame += 1;
    }, frameMs);
  }

  #end(mark: string, text: string): void {
    this.stop();
    this.line(`  ${mark} ${text.padEnd(72)} ${this.#elapsed().padStart(8)}`);
  }

  #elapsed(): string {
    return `${((performance.now() - this.#startedAtMs) / 1000).toFixed(1)} s`;
  }

  #clear(): void {
    if (this.#screen.isTTY) this.#screen.write('\r\u001B[2K');
  }
}

/** Renders rows of two columns under a rule. */
export function renderTable(rows: readonly (readonly [label: string, value: string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`).join('\n');
}
