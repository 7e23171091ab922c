/** How a cell is coloured where colour is wanted. */
export type Tone = 'good' | 'bad' | 'busy' | 'plain' | 'title';
export type Cell = string | number | { readonly text: string; readonly tone: Tone };

export type TableStyle = {
  /** What a line may take; null for no limit. */
  readonly width: number | null;
  readonly hasColour: boolean;
};

/** Everything in full and without colour: what a pipe or a file gets. */
export const plainStyle: TableStyle = { width: null, hasColour: false };

const gap = '  ';
const cellWidthMin = 4;
const colours: Readonly<Record<Exclude<Tone, 'plain'>, number>> = { good: 32, bad: 31, busy: 33, title: 1 };

/** Renders aligned columns under a heading. Where they do not fit, the widest are cut first, marked with `…`. */
export function renderTable(heading: readonly string[], rows: readonly (readonly Cell[])[], style: TableStyle): string {
  const lines = [heading.map((text): Cell => ({ text, tone: 'title' })), ...rows];
  const natural = heading.map((_, column) => Math.max(...lines.map((line) => lengthOf(textOf(line[column] ?? '')))));
  const widths = style.width === null ? natural : fitWidths(natural, style.width);
  return lines.map((line) => `${renderLine(line, widths, style)}\n`).join('');
}

/** Colours a text when colour is wanted. */
export function paint(text: string, tone: Tone, hasColour: boolean): string {
  return hasColour && tone !== 'plain' ? `\u001b[${colours[tone]}m${text}\u001b[0m` : text;
}

/** Makes one printable line of a text that somebody else wrote: no line breaks, no terminal control. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}

/** The text as one line, or a dash where there is none. */
export function orDash(text: string): string {
  const line = oneLine(text);
  return line === '' ? '-' : line;
}

/** Shortens to `width` characters. */
function cut(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, Math.max(width - 1, 0)).join('')}…`;
}

function renderLine(line: readonly Cell[], widths: readonly number[], { hasColour }: TableStyle): string {
  const cells = widths.map((width, column) => {
    const cell = line[column] ?? '';
    const text = cut(textOf(cell), width);
    const isLast = column === widths.length - 1;
    const padding = isLast ? '' : ' '.repeat(width - lengthOf(text));
    return `${paint(text, typeof cell === 'object' ? cell.tone : 'plain', hasColour)}${padding}`;
  });
  return cells.join(gap).trimEnd();
}

/** Takes from the widest column until the line fits or every column is at its least. */
function fitWidths(natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, column) => sum + column, gap.length * (widths.length - 1)) - width;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= cellWidthMin) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
    excess -= 1;
  }
  return widths;
}

function textOf(cell: Cell): string {
  return oneLine(typeof cell === 'object' ? cell.text : String(cell));
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}
