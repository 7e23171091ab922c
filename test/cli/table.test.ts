import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Cell, oneLine, plainStyle, renderTable, type TableStyle } from '../../cli/table.ts';

type Case = {
  readonly name: string;
  readonly rows: readonly (readonly Cell[])[];
  readonly style: TableStyle;
  readonly expected: readonly string[];
};

const serving: Cell = { text: 'serving', tone: 'good' };
const heading = ['NAME', 'STATE', 'REASON'];
const cases: readonly Case[] = [
  {
    name: 'aligns columns and leaves no space at the end',
    rows: [
      ['orders-ro-r1', 'serving', 'GATED'],
      ['b', 'draining', ''],
    ],
    style: plainStyle,
    expected: ['NAME          STATE     REASON', 'orders-ro-r1  serving   GATED', 'b             draining'],
  },
  {
    name: 'cuts the widest column until the line fits the terminal',
    rows: [['orders-ro-r1', 'serving', 'it is said at great length']],
    style: { width: 36, hasColour: false },
    expected: ['NAME          STATE    REASON', 'orders-ro-r1  serving  it is said a…'],
  },
  {
    name: 'leaves four characters of each column on a terminal that is too narrow',
    rows: [['orders-ro-r1', 'serving', 'it is said']],
    style: { width: 5, hasColour: false },
    expected: ['NAME  STA…  REA…', 'ord…  ser…  it …'],
  },
  {
    name: 'pads by what is seen, not by what colours',
    rows: [['a', serving, 'x']],
    style: { width: null, hasColour: true },
    expected: [
      '\u001b[1mNAME\u001b[0m  \u001b[1mSTATE\u001b[0m    \u001b[1mREASON\u001b[0m',
      'a     \u001b[32mserving\u001b[0m  x',
    ],
  },
  {
    name: 'shows no colour unless it is wanted',
    rows: [['a', serving, 'x']],
    style: plainStyle,
    expected: ['NAME  STATE    REASON', 'a     serving  x'],
  },
  {
    name: 'keeps a row on its line and terminal control out',
    rows: [['a', 'b\nc', '\u001b[31mred\u0007']],
    style: plainStyle,
    expected: ['NAME  STATE  REASON', 'a     b c    [31mred'],
  },
];

describe('renderTable', () => {
  for (const { name, rows, style, expected } of cases) {
    it(name, () => {
      assert.deepEqual(renderTable(heading, rows, style).split('\n'), [...expected, '']);
    });
  }
});

describe('oneLine', () => {
  it('turns line breaks and control characters into single spaces', () => {
    assert.equal(oneLine(' a\r\n\tb\u0000c\u009bd '), 'a b c d');
  });
});
