import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Piece, type PieceReader, splitItems } from '../../../coordinator/adapters/json-items.ts';
import { fc } from '../../properties.ts';

type Item = { readonly name?: unknown };

/** Reads items as they are, and counts them. */
class Reader implements PieceReader<unknown> {
  count = 0;
  readonly holds = () => true;

  read(item: unknown) {
    this.count += 1;
    return { name: String((item as Item).name), value: item };
  }
}

function split(text: string, known: readonly Piece<unknown>[] = []) {
  return splitBytes(Buffer.from(text), known);
}

function splitBytes(text: Buffer, known: readonly Piece<unknown>[]) {
  const reader = new Reader();
  const found = splitItems(text, known, {
    read: (item) => reader.read(item),
    holds: reader.holds,
  });
  return { ...found, values: found?.pieces.map(({ value }) => value), reads: reader.count };
}

/** JSON as nobody writes it: names that come twice or in escapes, what looks like an end and is none, and what is no JSON. */
const misleading = (() => {
  const blank = oftenFirst('', ' ', '\r\n\t', '\u00a0', '\ufeff');
  const name = oftenFirst(
    '"items"',
    '"items"',
    '"kind"',
    '"\\u0069tems"',
    '"items\\u0000"',
    '"Items"',
    '"__proto__"',
    '"a\\"],"',
    'items',
  );
  const scalar = oftenFirst(
    ...['"]}"', '"\\"}"', '"\\\\"', '"\\ud800"', '"\u{1f600}"', '"\\u007d"', '0', '-1.5e3', 'true', 'null'],
    ...['NaN', '01', '"\t"', '"', "'}'", 'undefined', '//'],
  );
  const { value, item } = fc.letrec<{ value: string; list: string; item: string; field: string }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, scalar, tie('list'), tie('item')),
    list: enclosed('[', fc.array(fc.oneof(tie('item'), tie('value')), { maxLength: 3 }), ']'),
    item: enclosed('{', fc.array(tie('field'), { maxLength: 3 }), '}'),
    field: fc.tuple(name, blank, tie('value')).map(([key, gap, of]) => `${key}${gap}:${gap}${of}`),
  }));
  const lists = fc.oneof(
    { weight: 4, arbitrary: enclosed('[', fc.array(item, { maxLength: 4 }), ']') },
    { weight: 1, arbitrary: fc.oneof(value, fc.constantFrom('[0]', '[null]', '[]', '{"items":[0]}')) },
  );
  const field = fc.tuple(name, blank, lists).map(([key, gap, of]) => `${key}:${gap}${of}`);
  const whole = fc
    .tuple(
      blank,
      enclosed('{', fc.array(field, { minLength: 1, maxLength: 3 }), '}'),
      oftenFirst('', ' ', '\0', '{}', ']'),
    )
    .map((parts) => Buffer.from(parts.join('')));
  const byte = fc.tuple(fc.nat(), fc.nat({ max: 2 }), fc.nat({ max: 255 }));
  const damage = fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: byte });
  return fc.tuple(whole, damage).map(([text, broken]) => {
    if (broken === null) return text;
    const [place, taken, other] = broken;
    const at = place % (text.length + 1);
    return Buffer.concat([text.subarray(0, at), Buffer.of(other), text.subarray(at + taken)]);
  });
})();

/** The first half of what there is comes far more often than the rest. */
function oftenFirst(...texts: readonly string[]): fc.Arbitrary<string> {
  const usual = texts.slice(0, Math.ceil(texts.length / 2));
  return fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...texts) },
  );
}

function enclosed(open: string, parts: fc.Arbitrary<readonly string[]>, close: string): fc.Arbitrary<string> {
  return parts.map((texts) => `${open}${texts.join(',')}${close}`);
}

const listOf = (items: readonly unknown[], others: object = {}) => JSON.stringify({ ...others, items });
const named = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `i${index}`, size: index }));

describe('splitItems', () => {
  it('takes items apart, and what stands around them', () => {
    const items = [{ name: 'a "}', list: [1, [2, {}]] }, {}];
    const found = split(listOf(items, { kind: 'list', before: { items: [5] } }));
    assert.deepEqual(found.values, items);
    assert.deepEqual(found.rest, { kind: 'list', before: { items: [5] } });
  });

  const ten = named(10);
  const changes: readonly { readonly what: string; readonly items: readonly object[]; readonly reads: number }[] = [
    { what: 'nothing', items: ten, reads: 0 },
    { what: 'one', items: ten.with(4, { name: 'i4', size: 99 }), reads: 1 },
    {
      what: 'the first and the last',
      items: ten.with(0, { name: 'i0', size: 7 }).with(9, { name: 'i9', size: 7 }),
      reads: 2,
    },
    { what: 'one more in the middle', items: ten.toSpliced(3, 0, { name: 'new', size: 1 }), reads: 1 },
    { what: 'one more at the end', items: [...ten, { name: 'new', size: 1 }], reads: 1 },
    { what: 'one less in the middle', items: ten.toSpliced(3, 1), reads: 1 },
    { what: 'one less at the end', items: ten.slice(0, 9), reads: 0 },
    { what: 'all', items: ten.map((item) => ({ ...item, size: -1 })), reads: 10 },
  ];
  for (const { what, items, reads } of changes) {
    it(`reads only what is new where ${what} changed`, () => {
      const { pieces = [] } = split(listOf(ten));
      const found = split(listOf(items), pieces);
      assert.deepEqual(found.values, items);
      assert.equal(found.reads, reads);
      assert.equal(found.pieces === pieces, what === 'nothing');
    });
  }

  it('keeps no text for a few of its items', () => {
    const { pieces = [] } = split(listOf(ten));
    const changed = Buffer.from(listOf(ten.with(4, { name: 'i4', size: 99 })));
    const found = splitItems(changed, pieces, { read: (item) => ({ name: 'i4', value: item }), holds: () => true });
    assert.equal(found?.pieces[4]?.bytes.buffer.byteLength, '{"name":"i4","size":99}'.length);
    assert.ok(found.pieces.every(({ bytes }) => bytes !== changed));
  });

  it('reads again what does not hold any more', () => {
    const { pieces = [] } = split(listOf(ten));
    const isHeld = (value: unknown) => (value as { readonly size: number }).size !== 3;
    const reads: unknown[] = [];
    const read = (item: unknown) => {
      reads.push(item);
      return { name: String((item as Item).name), value: item };
    };
    splitItems(Buffer.from(listOf(ten)), pieces, { read, holds: isHeld });
    assert.deepEqual(reads, [ten[3]]);
  });

  const strange: readonly string[] = [
    ...[
      '',
      ' ',
      'null',
      '[]',
      '{}',
      '<html>',
      '{"items"',
      '{"items":[',
      '{"items":[{}',
      '{"items":[{}]',
      '{"items":[{},]}',
    ],
    ...['{"items":[{} {}]}', '{"items":[1]}', '{"items":[{}]]', '{"items":{}}', '{"items":[{}]} {}', '{"items":[,{}]}'],
    ...[
      '{"items":[{}],"items":[{"a":1}]}',
      '{"items":[{}],"items":[0]}',
      '{"items":[{}],"\\u0069tems":[]}',
      '{"items":[{"a":tru}]}',
      '{"a" 1,"items":[]}',
    ],
  ];
  it('leaves what it does not know to others', () => {
    for (const text of strange) assert.equal(split(text).pieces, undefined, text);
  });

  it('finds what a parser finds, or leaves it to that, whatever was known and whatever is damaged', () => {
    const item = fc
      .tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.jsonValue({ maxDepth: 2 }))
      .map(([name, value]) => ({ name, value }));
    const text = fc
      .tuple(fc.array(item, { maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(0, 1), fc.boolean())
      .map(([items, other, indent, isFirst]) =>
        JSON.stringify(isFirst ? { items, other } : { other, items }, null, indent),
      );
    const damage = fc.option(
      fc.tuple(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom('{', '}', '[', ']', '\"', ':', ',', '\\', ' ', '0', 'a'),
      ),
      {
        freq: 2,
      },
    );
    let found = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(text, damage), { minLength: 2, maxLength: 5 }), (steps) => {
        let known: readonly Piece<unknown>[] = [];
        for (const [whole, broken] of steps) {
          const at = broken === null ? 0 : Math.floor(broken[0] * whole.length);
          const read = broken === null ? whole : whole.slice(0, at) + broken[1] + whole.slice(at + 1);
          const result = split(read, known);
          if (result.pieces === undefined) {
            assert.notEqual(broken, null, 'what is sound is taken apart');
            continue;
          }
          const { items, ...others } = JSON.parse(read) as { readonly items: readonly unknown[] };
          assert.deepEqual([result.values, result.rest], [items, others]);
          known = result.pieces;
          found += 1;
        }
      }),
      { numRuns: 500 },
    );
    assert.ok(found > 500);
  });

  it('finds nothing else than a parser does in texts that were made to mislead, whatever was known', () => {
    const seen = { found: 0, left: 0 };
    fc.assert(
      fc.property(fc.array(misleading, { minLength: 2, maxLength: 5 }), (texts) => {
        let known: readonly Piece<unknown>[] = [];
        for (const text of texts) {
          const result = splitBytes(text, known);
          seen[result.pieces === undefined ? 'left' : 'found'] += 1;
          if (result.pieces === undefined) continue;
          const { items, ...others } = JSON.parse(text.toString('utf8')) as { readonly items: readonly unknown[] };
          assert.deepEqual([result.values, result.rest], [items, others]);
          known = result.pieces;
        }
      }),
      { numRuns: 2000 },
    );
    assert.ok(seen.found > 500 && seen.left > 500, JSON.stringify(seen));
  });
});
