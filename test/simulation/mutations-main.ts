import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Mutation } from './mutation.ts';
import { mutations } from './mutations.ts';

/**
 * Takes each safety rule out of the code in turn, and lives seeds until one notices: `SEEDS=n` at most. Exits 1 when a
 * rule's absence goes unnoticed: then the simulation would not notice either if that code were wrong. `ONLY=text`
 * takes those whose name has it.
 */
const { ONLY = '', SEEDS = '100' } = process.env;

type Caught = { readonly seed: number; readonly rule: number; readonly message: string };

function runMutant(mutation: Mutation): Promise<Caught | null> {
  const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const args = ['--import', file('./mutation-register.js'), file('./mutant.js')];
  const env = { ...process.env, MUTATION: String(mutations.indexOf(mutation)), SEEDS };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env }, (error, stdout) => {
      if (error !== null) reject(new Error(`${mutation.name}: ${error.message}`));
      else resolve(stdout === '' ? null : (JSON.parse(stdout) as Caught));
    });
  });
}

const waiting = mutations.filter(({ name }) => name.includes(ONLY));
let unnoticed = 0;
async function runNext(): Promise<void> {
  for (let mutation = waiting.shift(); mutation !== undefined; mutation = waiting.shift()) {
    const caught = await runMutant(mutation);
    if (caught === null) unnoticed += 1;
    const verdict = caught === null ? 'NOT NOTICED' : `seed ${caught.seed}, rule ${caught.rule}: ${caught.message}`;
    process.stdout.write(`${mutation.name}\n    ${verdict}\n`);
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, runNext));
process.stdout.write(unnoticed === 0 ? 'each was noticed\n' : `${unnoticed} were not noticed\n`);
process.exitCode = unnoticed === 0 ? 0 : 1;
