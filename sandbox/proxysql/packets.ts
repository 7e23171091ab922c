/** What one admin statement is answered with. */
export type Reply =
  | { readonly kind: 'ok'; readonly affectedRows: number; readonly info: string }
  | { readonly kind: 'rows'; readonly columns: readonly Column[]; readonly rows: readonly TextRow[] }
  | { readonly kind: 'error'; readonly errno: number; readonly sqlState: string; readonly message: string };

export type Column = { readonly name: string; readonly type: 'text' | 'longlong' };

/** One row as it goes over the wire: every value is text. */
export type TextRow = readonly (string | null)[];

const frameMaxBytes = 0xffffff;
const columnTypes = { text: { code: 0xfd, charset: 33 }, longlong: { code: 0x08, charset: 63 } } as const;
const statusAutocommit = 2;
const nullMarker = Buffer.of(0xfb);

/**
 * Renders a reply as the frames of MySQL's text protocol.
 *
 * @param firstSequenceId Number of the first frame; the client counts on from its command's last.
 * @param hasLengthInfo Whether the client asked for session tracking, which changes how `info` is written.
 * @see https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_command_phase_text.html
 */
export function renderReply(reply: Reply, firstSequenceId: number, hasLengthInfo: boolean): Buffer {
  switch (reply.kind) {
    case 'ok':
      return renderFrames([okPayload(reply, hasLengthInfo)], firstSequenceId);
    case 'error':
      return renderFrames([errorPayload(reply)], firstSequenceId);
    case 'rows':
      return renderFrames(
        [
          lengthCodedNumber(reply.columns.length),
          ...reply.columns.map(columnPayload),
          endPayload(),
          ...reply.rows.map(rowPayload),
          endPayload(),
        ],
        firstSequenceId,
      );
  }
}

/** Cuts payloads into numbered frames; one of exactly the maximum length is followed by an empty frame. */
function renderFrames(payloads: readonly Buffer[], firstSequenceId: number): Buffer {
  const parts: Buffer[] = [];
  let sequenceId = firstSequenceId;
  for (const payload of payloads) {
    for (let offset = 0; offset <= payload.length; offset += frameMaxBytes) {
      const chunk = payload.subarray(offset, offset + frameMaxBytes);
      const header = Buffer.alloc(4);
      header.writeUIntLE(chunk.length, 0, 3);
      header.writeUInt8(sequenceId % 256, 3);
      sequenceId += 1;
      parts.push(header, chunk);
    }
  }
  return Buffer.concat(parts);
}

function okPayload(reply: Extract<Reply, { kind: 'ok' }>, hasLengthInfo: boolean): Buffer {
  const tail = Buffer.alloc(5);
  tail.writeUInt8(0, 0); // last insert id
  tail.writeUInt16LE(statusAutocommit, 1);
  const info = reply.info !== '' && hasLengthInfo ? lengthCodedText(reply.info) : Buffer.from(reply.info);
  return Buffer.concat([Buffer.of(0), lengthCodedNumber(reply.affectedRows), tail, info]);
}

function errorPayload(reply: Extract<Reply, { kind: 'error' }>): Buffer {
  const head = Buffer.alloc(3);
  head.writeUInt8(0xff, 0);
  head.writeUInt16LE(reply.errno, 1);
  return Buffer.concat([head, Buffer.from(`#${reply.sqlState}${reply.message}`)]);
}

function columnPayload(column: Column): Buffer {
  const type = columnTypes[column.type];
  const fixed = Buffer.alloc(13);
  fixed.writeUInt8(0x0c, 0);
  fixed.writeUInt16LE(type.charset, 1);
  fixed.writeUInt32LE(column.type === 'text' ? 0x7fffffff : 31, 3);
  fixed.writeUInt8(type.code, 7);
  const empty = lengthCodedText('');
  return Buffer.concat([lengthCodedText('def'), empty, empty, empty, lengthCodedText(column.name), empty, fixed]);
}

function rowPayload(row: TextRow): Buffer {
  const heads = row.map((value) => (value === null ? nullMarker : lengthCodedNumber(Buffer.byteLength(value))));
  const bytes = row.reduce((sum, value, index) => {
    return sum + (heads[index]?.length ?? 0) + (value === null ? 0 : Buffer.byteLength(value));
  }, 0);
  const payload = Buffer.allocUnsafe(bytes);
  let offset = 0;
  for (const [index, value] of row.entries()) {
    offset += heads[index]?.copy(payload, offset) ?? 0;
    if (value !== null) offset += payload.write(value, offset);
  }
  return payload;
}

function endPayload(): Buffer {
  return Buffer.of(0xfe, 0, 0, statusAutocommit, 0);
}

function lengthCodedText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([lengthCodedNumber(bytes.length), bytes]);
}

function lengthCodedNumber(value: number): Buffer {
  if (value < 0xfb) return Buffer.of(value);
  if (value <= 0xffff) return Buffer.of(0xfc, value & 0xff, value >> 8);
  const wide = value <= 0xffffff ? 3 : 8;
  const buffer = Buffer.alloc(1 + wide);
  buffer.writeUInt8(wide === 3 ? 0xfd : 0xfe, 0);
  buffer.writeUIntLE(value, 1, Math.min(wide, 6));
  return buffer;
}
