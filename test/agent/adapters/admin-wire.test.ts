import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { renderQuery } from '../../../agent/adapters/admin-packets.ts';
import { AdminWire } from '../../../agent/adapters/admin-wire.ts';
import { AgentError } from '../../../agent/errors.ts';

const endOfRows = Buffer.from([0xfe, 0, 0, 2, 0]);
const done = Buffer.from([0, 0, 0, 2, 0, 0, 0]);

describe('AdminWire', { timeout: 30_000 }, () => {
  const lines: Line[] = [];
  after(() => {
    for (const line of lines) line.wire.fail(new Error('over'));
  });

  /** A connection on which the proxy says what the test has it say. */
  class Line extends EventEmitter {
    readonly written: Buffer[] = [];
    readonly broken: Error[] = [];
    readonly wire: AdminWire;

    constructor(deadlineMs = 10_000, isApart = false) {
      super();
      this.on('data', () => assert.fail('mysql2 reads no more'));
      const onBroken = (error: Error): void => {
        this.broken.push(error);
        this.wire.fail(new AgentError('ADMIN_CONNECTION_LOST', error.message));
      };
      this.wire = new AdminWire(this as unknown as Socket, { deadlineMs, onBroken, isApart });
      lines.push(this);
    }

    write(bytes: Buffer): void {
      this.written.push(bytes);
    }

    says(...payloads: readonly Buffer[]): void {
      this.emit('data', Buffer.concat(payloads.map(packet)));
    }
  }

  it('sends what belongs together at once, and gives each its answer', async () => {
    const line = new Line();
    const answers = line.wire.send(['REPLACE …', 'LOAD', 'SELECT 1']);
    assert.deepEqual(line.written, [Buffer.concat(['REPLACE …', 'LOAD', 'SELECT 1'].map(renderQuery))]);
    line.says(done, done, ...rows([['a', null, 'ü'.repeat(200)], ['']]));
    assert.deepEqual(await Promise.all(answers), [[], [], [['a', null, 'ü'.repeat(200)], ['']]]);
  });

  it('holds what does not belong to them back until they were answered', async () => {
    const line = new Line();
    const [first] = line.wire.send(['one']);
    const [second] = line.wire.send(['two']);
    assert.deepEqual(line.written, [renderQuery('one')]);
    line.says(done);
    assert.deepEqual(line.written, [renderQuery('one'), renderQuery('two')]);
    line.says(...rows([['2']]));
    assert.deepEqual([await first, await second], [[], [['2']]]);
  });

  it('sends one at a time to a proxy that answers no others', async () => {
    const line = new Line(10_000, true);
    const answers = line.wire.send(['one', 'two']);
    assert.deepEqual([line.written, line.wire.isStuckTogether], [[renderQuery('one')], false]);
    line.says(done);
    assert.deepEqual(line.written, [renderQuery('one'), renderQuery('two')]);
    line.says(...rows([['2']]));
    assert.deepEqual(await Promise.all(answers), [[], [['2']]]);
  });

  it('goes on behind a statement that failed', async () => {
    const line = new Line();
    const [refused, loaded] = line.wire.send(['REPLACE', 'LOAD']);
    line.says(failure(1045, 'ProxySQL Admin Error: CHECK constraint failed: port'), done);
    await assert.rejects(
      refused!,
      (error: AgentError) => error.code === 'ADMIN_ROW_REFUSED' && /port$/.test(error.message),
    );
    assert.deepEqual(await loaded, []);
  });

  it('reads answers in whatever pieces they come', async () => {
    const long = 'x'.repeat(0xffffff + 70_000);
    const bytes = Buffer.concat([...rows([['short'], [long]]), done].map(packet));
    for (const size of [100_000, 0xffffff]) {
      const line = new Line();
      const answers = line.wire.send(['SELECT', 'LOAD']);
      for (let at = 0; at < bytes.length; at += size) line.emit('data', bytes.subarray(at, at + size));
      assert.deepEqual(await Promise.all(answers), [[['short'], [long]], []]);
    }
    const tiny = new Line();
    const [answer] = tiny.wire.send(['SELECT']);
    for (const byte of Buffer.concat(rows([['a', null]]).map(packet))) tiny.emit('data', Buffer.from([byte]));
    assert.deepEqual(await answer, [['a', null]]);
  });

  it('cuts a statement that is longer than a packet', () => {
    for (const length of [0xffffff - 1, 0xffffff + 5]) {
      const bytes = renderQuery('x'.repeat(length));
      const sizes: number[] = [];
      for (let at = 0; at < bytes.length; at += 4 + bytes.readUIntLE(at, 3)) {
        assert.equal(bytes[at + 3], sizes.length);
        sizes.push(bytes.readUIntLE(at, 3));
      }
      assert.equal(sizes[0], 0xffffff);
      assert.deepEqual(sizes.slice(1), [length + 1 - 0xffffff]);
    }
  });

  it('gives up what takes too long, and all that waits behind it', async () => {
    const line = new Line(30);
    const answers = [...line.wire.send(['slow', 'next']), ...line.wire.send(['queued'])];
    assert.equal(line.wire.isStuckTogether, true);
    for (const settled of await Promise.allSettled(answers)) assert.equal(settled.status, 'rejected');
    assert.equal((line.broken[0] as NodeJS.ErrnoException).code, 'PROTOCOL_SEQUENCE_TIMEOUT');
    line.says(done);
    assert.equal(line.broken.length, 1);
  });

  it('trusts no connection on which something comes unasked', () => {
    const line = new Line();
    line.says(done);
    assert.equal(line.broken.length, 1);
  });

  for (const [what, payload] of [
    ['an error without a number', Buffer.from([0xff, 1])],
    ['a cell longer than its row', Buffer.from([3, 0x61])],
    ['a length of two bytes that is cut short', Buffer.from([0xfc, 1])],
    ['a length of eight bytes that is cut short', Buffer.from([1, 0x61, 0xfe, 1, 0, 0, 0])],
    ['a length beyond all memory', Buffer.alloc(9, 0xfe).fill(0xff, 1)],
  ] as const) {
    it(`gives the connection up at ${what}, and lives`, async () => {
      const line = new Line();
      const answers = line.wire.send(['SELECT', 'LOAD']);
      line.says(...rows([['a']]).slice(0, -1), payload);
      for (const settled of await Promise.allSettled(answers)) assert.equal(settled.status, 'rejected');
      assert.equal((line.broken[0] as NodeJS.ErrnoException).code, 'PROTOCOL_PACKETS_OUT_OF_ORDER');
    });
  }

  it('refuses at once what is sent on a connection that was given up', async () => {
    const line = new Line();
    line.wire.fail(new AgentError('ADMIN_CONNECTION_LOST', 'gone'));
    for (const answer of line.wire.send(['one', 'two'])) await assert.rejects(answer, /gone/);
    assert.deepEqual(line.written, []);
  });
});

function packet(payload: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at <= payload.length; at += 0xffffff) {
    const part = payload.subarray(at, at + 0xffffff);
    parts.push(Buffer.from([part.length & 0xff, (part.length >> 8) & 0xff, part.length >> 16, 1]), part);
  }
  return Buffer.concat(parts);
}

function rows(cells: readonly (readonly (string | null)[])[]): Buffer[] {
  const column = Buffer.from('def');
  const width = cells[0]?.length ?? 0;
  const columns = Array.from({ length: width }, () => column);
  return [
    Buffer.from([width]),
    ...columns,
    endOfRows,
    ...cells.map((row) => Buffer.concat(row.map(renderCell))),
    endOfRows,
  ];
}

function renderCell(cell: string | null): Buffer {
  if (cell === null) return Buffer.from([0xfb]);
  const bytes = Buffer.from(cell);
  if (bytes.length < 0xfb) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const header = bytes.length < 0x10000 ? Buffer.alloc(3, 0xfc) : Buffer.alloc(9, 0xfe);
  if (header.length === 3) header.writeUInt16LE(bytes.length, 1);
  else header.writeBigUInt64LE(BigInt(bytes.length), 1);
  return Buffer.concat([header, bytes]);
}

function failure(errno: number, words: string): Buffer {
  const head = Buffer.from([0xff, 0, 0]);
  head.writeUInt16LE(errno, 1);
  return Buffer.concat([head, Buffer.from(`#28000${words}`)]);
}
