import { Document, isMap, isSeq } from 'yaml';

/** What was found somewhere else, as declarations, and what a person has to know of it. */
export type Imported = {
  readonly fleets: readonly ImportedPart[];
  readonly groups: readonly ImportedPart[];
  readonly secrets: readonly ImportedSecret[];
  /** What could not be translated and belongs to no group. */
  readonly notes: readonly string[];
};

/** One declaration; its notes become comments before it. */
export type ImportedPart = {
  readonly declaration: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
};

/** A secret that declarations name. */
export type ImportedSecret = {
  readonly name: string;
  /** Null: its value could not be read. */
  readonly value: string | null;
  /** Whose it is, in words. */
  readonly what: string;
};

const lineMax = 110;

/** Renders declarations as YAML that `chester groups put` takes, notes as comments. No secret stands in it. */
export function renderImported({ fleets, groups, notes, secrets }: Imported, origin: string): string {
  const document = new Document({
    fleets: fleets.map(({ declaration }) => declaration),
    groups: groups.map(({ declaration }) => declaration),
  });
  const names = secrets.map(({ name, what }) => `secret ${name}: ${what}`);
  document.commentBefore = comment([
    `Imported from ${origin}. Read it through before you apply it.`,
    ...notes,
    ...(names.length > 0
      ? ['Secrets that have to be there first (SECRETS_DIR, CHESTER_SECRET_<NAME>):', ...names]
      : []),
  ]);
  for (const [list, parts] of [
    ['fleets', fleets],
    ['groups', groups],
  ] as const) {
    const items: unknown = document.get(list, true);
    parts.forEach(({ notes: own }, index) => {
      const item = isSeq(items) ? items.items[index] : null;
      if (own.length > 0 && isMap(item)) item.commentBefore = comment(own);
    });
  }
  return document.toString({ lineWidth: 0 });
}

function comment(lines: readonly string[]): string {
  return lines
    .flatMap((line) => wrap(line))
    .map((line) => ` ${line}`)
    .join('\n');
}

/** A comment has no line ends of its own: what somebody wrote into a name cannot end it. */
function wrap(text: string): string[] {
  const lines: string[] = [''];
  for (const word of text.replace(/\p{Cc}+/gu, ' ').split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length < lineMax || last === '')
      lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
    else lines.push(`  ${word}`);
  }
  return lines;
}

/** Makes a name of a-z, 0-9 and - of any text, as groups, fleets and secrets have it. */
export function slugOf(text: string): string {
  const slug = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  return /^[a-z]/.test(slug) ? slug : `g-${slug}`.slice(0, 63).replace(/-+$/, '');
}

/** Gives each wish a name that no earlier one has. */
export class Names {
  readonly #taken = new Set<string>();

  take(wish: string): string {
    const slug = slugOf(wish);
    for (let count = 1; ; count += 1) {
      const name = count === 1 ? slug : `${slug.slice(0, 59)}-${count}`;
      if (this.#taken.has(name)) continue;
      this.#taken.add(name);
      return name;
    }
  }
}
