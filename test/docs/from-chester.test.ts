import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

type Row = {
  readonly number: number;
  readonly verdict: string;
  readonly how: string;
  readonly tests: readonly string[];
};

/** The rows of the table of recorded behaviours. */
function readRows(): Row[] {
  return readFileSync('docs/from-chester.md', 'utf8')
    .split('\n')
    .filter((line) => /^\| *\d+ *\|/.test(line))
    .map((line) => {
      const [, number = '', , verdict = '', how = '', shown = ''] = line.split('|').map((cell) => cell.trim());
      const tests = [...shown.matchAll(/`([^`]+)`/g)].map(([, file]) => file ?? '');
      return { number: Number(number), verdict, how, tests };
    });
}

describe('docs/from-chester.md', () => {
  const rows = readRows();

  it('has all 40 behaviours, in order', () => {
    assert.deepEqual(
      rows.map(({ number }) => number),
      Array.from({ length: 40 }, (_, index) => index + 1),
    );
  });

  for (const { number, verdict, how, tests } of rows) {
    it(`says of behaviour ${number} what becomes of it, and names tests that exist`, () => {
      assert(['Keep', 'Fix', 'Open'].includes(verdict), verdict);
      assert(how.length > 0);
      if (verdict !== 'Open') assert(tests.length > 0, 'nothing shows it');
      for (const file of tests) assert(/^test\/.+\.test\.ts$/.test(file) && existsSync(file), file);
    });
  }
});
