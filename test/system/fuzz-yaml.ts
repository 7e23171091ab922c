import { readFileSync } from 'node:fs';
import { parseDeclarations } from '../../cli/declarations.ts';
import { loadDeclarationSchemas } from '../../cli/message-schema.ts';
import { loadChesterV1 } from '../../proto/load.ts';

/** A call that a file of declarations came to. */
export type DeclaredCall = { readonly path: string; readonly bytes: Buffer };

/** What people get wrong in YAML, and what somebody may put there on purpose. */
const odd = [
  '__proto__: { polluted: true }',
  'constructor: { prototype: { polluted: true } }',
  'a: &a [*a, *a]',
  'policy: { replicasMax: 1e999 }',
  'name: !!js/function "function () {}"',
  'name: !!binary c2VjcmV0',
  'users: [{ username: "\\u0000", passwordSecret: gate }]',
  `queryRules: ${'['.repeat(200)}${']'.repeat(200)}`,
  '---\nname: second',
  '<<: { name: merged }',
  '? [complex, key]\n: value',
  'writerHostgroup: 0x7fffffffffffffff',
  '\tname: tab',
];
const { AdminService } = loadChesterV1();
const example = readFileSync('examples/groups.yaml', 'utf8');
const small =
  'name: orders\nfleet: main\nproject: shop-prod-1\nprimary: orders\nwriterHostgroup: 5\nreaderHostgroup: 10\n';

/**
 * Reads a file of declarations as `chester` does, with something wrong in it.
 *
 * @returns The call that it makes of it; null: the file was refused by place and reason.
 * @throws {Error} when the command line fails inside.
 */
export function readMutatedFile(
  random: () => number,
  mutate: (text: string) => string,
): { readonly call: DeclaredCall | null; readonly told: string } {
  const schemas = loadDeclarationSchemas();
  const lines = (random() < 0.5 ? example : small).split('\n');
  const at = Math.floor(random() * lines.length);
  const kind = random();
  if (kind < 0.4) lines.splice(at, 0, odd[Math.floor(random() * odd.length)] ?? '');
  else if (kind < 0.6) lines.splice(at, Math.ceil(random() * 5));
  const text = kind < 0.6 ? lines.join('\n') : mutate(lines.join('\n'));
  const parsed = parseDeclarations(text, schemas);
  if (({} as { polluted?: unknown }).polluted !== undefined) throw new Error('a prototype was changed');
  if (!parsed.ok) return { call: null, told: parsed.problems.join('\n') };
  const groups = parsed.declarations.groups.map(({ value }) => value);
  const fleets = parsed.declarations.fleets.map(({ value }) => value);
  const { PlanGroups, ApplyGroups } = AdminService.service;
  const call =
    random() < 0.8
      ? { path: PlanGroups.path, bytes: PlanGroups.requestSerialize({ groups, fleets }) }
      : {
          path: ApplyGroups.path,
          bytes: ApplyGroups.requestSerialize({ groups: groups.map((spec) => ({ spec })), fleets }),
        };
  return { call, told: '' };
}
