import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Metadata } from '@grpc/grpc-js';
import type { AdminFault } from './admin-result.ts';

/**
 * A refusal as programs read it: google.rpc.Status in `grpc-status-details-bin`, with the field, the resource or the
 * condition that the text names.
 *
 * @see https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
 */
export function errorMetadata(fault: AdminFault, grpcCode: number): Metadata {
  const metadata = new Metadata();
  const status = new BinaryWriter().uint32(tag(1)).int32(grpcCode).uint32(tag(2, lengthDelimited));
  status.string(cutText(fault.message));
  for (const detail of detailsOf(fault)) status.uint32(tag(3, lengthDelimited)).bytes(detail);
  metadata.set('grpc-status-details-bin', Buffer.from(status.finish()));
  return metadata;
}

/** Headers have a limit: what is longer ends with how much is missing. */
export function cutText(text: string): string {
  return text.length <= textMax ? text : `${text.slice(0, textMax)}… (${text.length - textMax} more characters)`;
}

const textMax = 4000;
const violationsMax = 40;
const lengthDelimited = 2;
const domain = 'chester';

function detailsOf({ code, reason = code, message, problems = [], resource }: AdminFault): Uint8Array[] {
  const details = [
    any(
      'ErrorInfo',
      textMessage([
        [1, reason],
        [2, domain],
      ]),
    ),
  ];
  if (problems.length > 0) {
    const violations = problems.slice(0, violationsMax).map(({ field, value, allowed }) =>
      textMessage([
        [1, field],
        [2, cut(`is ${value}; allowed: ${allowed}`)],
      ]),
    );
    details.push(any('BadRequest', listMessage(violations)));
  }
  if (code === 'PRECONDITION') {
    const violation = textMessage([
      [1, reason],
      [2, resource?.name ?? ''],
      [3, cut(message)],
    ]);
    details.push(any('PreconditionFailure', listMessage([violation])));
  }
  if (resource !== undefined) {
    details.push(
      any(
        'ResourceInfo',
        textMessage([
          [1, `chester.v1/${resource.type}`],
          [2, cut(resource.name)],
        ]),
      ),
    );
  }
  return details;
}

function any(type: string, content: Uint8Array): Uint8Array {
  const writer = new BinaryWriter().uint32(tag(1, lengthDelimited)).string(`type.googleapis.com/google.rpc.${type}`);
  return writer.uint32(tag(2, lengthDelimited)).bytes(content).finish();
}

function textMessage(fields: readonly (readonly [number: number, text: string])[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const [number, text] of fields) if (text !== '') writer.uint32(tag(number, lengthDelimited)).string(text);
  return writer.finish();
}

function listMessage(entries: readonly Uint8Array[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const entry of entries) writer.uint32(tag(1, lengthDelimited)).bytes(entry);
  return writer.finish();
}

function tag(field: number, wireType = 0): number {
  return (field << 3) | wireType;
}

function cut(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 299)}…`;
}
