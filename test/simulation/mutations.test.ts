import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { mutations } from './mutations.ts';

const root = new URL('../../', import.meta.url);
const isBuiltByTsc = existsSync(new URL('.tsbuildinfo', root));

describe('the rules that simulate-mutations takes out', () => {
  const skip = isBuiltByTsc ? false : 'the list is about what tsc writes: build with `npm run build`';

  it('each stand in the code as the list has them', { skip }, () => {
    const edits = mutations.flatMap(({ name, edits }) => edits.map((edit) => ({ name, ...edit })));
    const wrong = edits.filter(({ file, from }) => readFileSync(new URL(file, root), 'utf8').split(from).length !== 2);
    assert.deepEqual(wrong, []);
  });
});
