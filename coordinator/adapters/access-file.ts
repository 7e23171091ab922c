import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { type AccessTable, parseAccessTable } from '../core/access-table.ts';
import { renderProblems } from '../core/problems.ts';
import { CoordinatorError } from '../errors.ts';

const intervalMs = 2000;
const bytesMax = 8 * 1024 * 1024;

/** The access file, read again when it changes. One that is bad is told of, and the last good one stays in force. */
export class AccessFile {
  readonly name = 'access-file';
  readonly #file: string;
  readonly #deps: { readonly clock: Clock; readonly log: Logger };
  #text: string | null = null;
  #table: AccessTable | null = null;
  #cancelTimer: (() => void) | null = null;
  #isStopped = false;

  constructor(file: string, deps: { readonly clock: Clock; readonly log: Logger }) {
    this.#file = file;
    this.#deps = deps;
  }

  /** What is in force; nobody may do anything before it was read. */
  get table(): AccessTable {
    return this.#table ?? { identities: [], agents: [] };
  }

  /** @throws {CoordinatorError} CONFIG_INVALID when the file cannot be read or says nothing that can be used. */
  async start(): Promise<void> {
    this.#text = await this.#read();
    this.#table = this.#parse(this.#text);
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#cancelTimer = this.#deps.clock.setTimer(intervalMs, () => {
      void this.#look().finally(() => {
        this.#schedule();
      });
    });
  }

  async #look(): Promise<void> {
    let text = '';
    try {
      text = await this.#read();
      if (text === this.#text) return;
      this.#table = this.#parse(text);
      const { identities, agents } = this.#table;
      this.#deps.log.info({ identities: identities.length, agentRules: agents?.length ?? 0 }, 'access file taken');
    } catch (error) {
      if (text === this.#text) return;
      const fault = error instanceof Error ? error.message : String(error);
      this.#deps.log.error({ fault }, 'the access file cannot be used, the last good one stays in force');
    }
    this.#text = text;
  }

  async #read(): Promise<string> {
    try {
      return await readFile(this.#file, 'utf8');
    } catch (error) {
      throw new CoordinatorError('CONFIG_INVALID', `ACCESS_FILE ${this.#file} cannot be read`, { cause: error });
    }
  }

  #parse(text: string): AccessTable {
    const parsed = text.length > bytesMax ? null : parseAccessTable(readYaml(this.#file, text));
    if (parsed === null)
      throw new CoordinatorError('CONFIG_INVALID', `ACCESS_FILE ${this.#file}: at most ${bytesMax} bytes`);
    if (parsed.ok) return parsed.value;
    const problems = renderProblems(parsed.problems.slice(0, 20));
    throw new CoordinatorError('CONFIG_INVALID', `ACCESS_FILE ${this.#file}:\n${problems}`);
  }
}

/** A fault names its place, never the line itself: that one may hold a hash. */
function readYaml(file: string, text: string): unknown {
  const document = parseDocument(text, { prettyErrors: true });
  const [fault] = document.errors;
  if (fault === undefined) return toValue(file, document);
  const [place] = fault.linePos ?? [];
  const where = place === undefined ? '' : ` in line ${place.line}, column ${place.col}`;
  throw new CoordinatorError('CONFIG_INVALID', `ACCESS_FILE ${file} is no YAML (${fault.code}${where})`);
}

function toValue(file: string, document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw new CoordinatorError('CONFIG_INVALID', `ACCESS_FILE ${file} is no YAML that can be used (aliases)`);
  }
}
