import assert from 'node:assert/strict';
import { loadChesterV1 } from '../proto/load.ts';

/** What a field of a declared message may hold. */
export type FieldSchema = { readonly isList: boolean } &
  /** `texts`: a map of texts by name; numbers and truths become texts on the wire. */
  (
    | { readonly kind: 'text' | 'int32' | 'flag' | 'texts' }
    | { readonly kind: 'message'; readonly message: MessageSchema }
  );

/** A message's fields by name, in the order in which they are declared. */
export type MessageSchema = ReadonlyMap<string, FieldSchema>;

/** The part of protobuf's DescriptorProto that is looked at. @see https://protobuf.dev/reference/protobuf/google.protobuf/#descriptorproto */
type Descriptor = {
  readonly field: readonly {
    readonly name: string;
    readonly label: string;
    readonly type: string;
    readonly typeName: string;
  }[];
  readonly nestedType: readonly (Descriptor & {
    readonly name: string;
    readonly options: { readonly mapEntry: boolean } | null;
  })[];
};

const scalars: Readonly<Record<string, 'text' | 'int32' | 'flag'>> = {
  TYPE_STRING: 'text',
  TYPE_INT32: 'int32',
  TYPE_BOOL: 'flag',
};

/** Reads what may be declared from the API's own definition, so that the two cannot differ. */
export function loadDeclarationSchemas(): { readonly fleet: MessageSchema; readonly group: MessageSchema } {
  const definitions: Readonly<Record<string, unknown>> = loadChesterV1();
  return { fleet: readSchema(definitions, 'Fleet'), group: readSchema(definitions, 'GroupSpec') };
}

/** Reads the schema of any message that may be declared. */
export function loadMessageSchema(messageName: string): MessageSchema {
  const definitions: Readonly<Record<string, unknown>> = loadChesterV1();
  return readSchema(definitions, messageName);
}

function readSchema(definitions: Readonly<Record<string, unknown>>, messageName: string): MessageSchema {
  const { type } = definitions[messageName] as { readonly type: Descriptor };
  return new Map(
    type.field.map((field): [string, FieldSchema] => {
      if (isMapOfTexts(type, field.typeName)) return [field.name, { kind: 'texts', isList: false }];
      const isList = field.label === 'LABEL_REPEATED';
      if (field.type === 'TYPE_MESSAGE') {
        return [field.name, { kind: 'message', isList, message: readSchema(definitions, field.typeName) }];
      }
      const kind = scalars[field.type];
      assert(kind !== undefined, `${messageName}.${field.name} is a ${field.type}, which cannot be declared yet`);
      return [field.name, { kind, isList }];
    }),
  );
}

/** A map travels as a list of entries, whose message is nested in the one that has it. */
function isMapOfTexts({ nestedType }: Descriptor, typeName: string): boolean {
  const entry = nestedType.find(({ name, options }) => name === typeName && options?.mapEntry === true);
  return entry?.field.every(({ type }) => type === 'TYPE_STRING') ?? false;
}
