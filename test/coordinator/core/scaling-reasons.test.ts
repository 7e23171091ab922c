import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { scalingReasons } from '../../../coordinator/core/scaling-reasons.ts';

describe('scalingReasons', () => {
  it('are all explained to operators, in the same words', async () => {
    const operations = await readFile('docs/operations.md', 'utf8');
    const rows = Object.entries(scalingReasons).map(([reason, meaning]) => [`\`${reason}\``, meaning].join(' | '));
    const told = operations.split('\n').map((line) => line.replace(/^\| | \|$/g, '').replace(/ +\| +/g, ' | '));
    assert.deepEqual(
      rows.filter((row) => !told.includes(row)),
      [],
    );
  });
});
