import { register } from 'node:module';
import { mutations } from './mutations.ts';

// Loaded before the mutant: MUTATION is the index of what is taken out of the code.
const mutation = mutations[Number(process.env['MUTATION'])];
if (mutation === undefined)
  throw new Error(`MUTATION is ${process.env['MUTATION']}; allowed: 0 to ${mutations.length - 1}`);
const root = new URL('../../', import.meta.url);
const data = mutation.edits.map(({ file, from, to }) => ({ url: new URL(file, root).href, from, to }));
register('./mutation-hooks.js', import.meta.url, { data });
