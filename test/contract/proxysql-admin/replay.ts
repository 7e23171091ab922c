import assert from 'node:assert/strict';

import { AdminClient } from './admin-client.ts';
import type { Answer, Recording } from './recording.ts';
import type { Target } from './targets.ts';

const checksumForm = /^0x[0-9A-F]{2,16}$/;
const epochToleranceSeconds = 600;

/** Sends every statement of a recording and asserts every answer to it. */
export async function replay({ name, steps }: Recording, target: Target): Promise<void> {
  const sessions = new Map<string, AdminClient>();
  const marks = new Marks(target.dataFolder);
  const closeAll = (): void => {
    for (const client of sessions.values()) client.close();
    sessions.clear();
  };
  try {
    for (const [index, step] of steps.entries()) {
      if ('note' in step) continue;
      if ('restart' in step) {
        closeAll();
        await target.restart();
        continue;
      }
      const client = sessions.get(step.session) ?? (await AdminClient.connect(target.address));
      sessions.set(step.session, client);
      const actual = await ('prepare' in step ? client.prepare(step.prepare) : client.query(step.sql));
      const where = `${name}, line ${index + 1}: ${'prepare' in step ? step.prepare : step.sql}`;
      const { columns, rows, ok, error } = step as Partial<Record<string, unknown>>;
      const expected = JSON.parse(JSON.stringify({ columns, rows, ok, error })) as Answer;
      assert.deepEqual(actual, marks.resolve(expected, actual), where);
    }
  } finally {
    closeAll();
  }
}

/** Puts values in the place of marks: what was seen for a mark before, else what is seen now if its form is right. */
class Marks {
  readonly #dataFolder: string;
  readonly #checksums = new Map<string, string>();

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
  }

  resolve(expected: Answer, actual: Answer): Answer {
    if (!('rows' in expected)) return expected;
    const seen = 'rows' in actual ? actual.rows : [];
    const rows = expected.rows.map((row, y) =>
      row.map((value, x) => (value === null ? null : this.#resolveText(value, seen[y]?.[x] ?? null))),
    );
    return { ...expected, rows };
  }

  #resolveText(text: string, seen: string | null): string {
    if (text === '<epoch>') return isNow(seen) ? seen : text;
    if (text.startsWith('<checksum ')) return this.#resolveChecksum(text, seen);
    return text.replaceAll('<datadir>', this.#dataFolder);
  }

  #resolveChecksum(mark: string, seen: string | null): string {
    const known = this.#checksums.get(mark);
    if (known !== undefined) return known;
    const isTaken = [...this.#checksums.values()].some((value) => value === seen);
    if (seen === null || isTaken || !checksumForm.test(seen)) return mark;
    this.#checksums.set(mark, seen);
    return seen;
  }
}

function isNow(text: string | null): text is string {
  return text !== null && /^\d+$/.test(text) && Math.abs(Date.now() / 1000 - Number(text)) < epochToleranceSeconds;
}
