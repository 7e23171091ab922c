import { readFileSync } from 'node:fs';
import { createFileRegistry, type DescField, type DescMessage, fromBinary, ScalarType } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { fc } from '../../properties.ts';
import { imagePath } from '../../../proto/load.ts';

/** A message with all its fields but unset ones: optional, message and oneof fields that have no value. */
export type Message = { readonly [field: string]: unknown };

/** The messages that an agent can send or receive, from the committed image. */
export const messages: readonly DescMessage[] = [
  ...createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(imagePath))).files,
]
  .filter(({ name }) => name === 'chester/v1/agent' || name === 'chester/v1/snapshot')
  .flatMap((file) => file.messages);

/** Any message of this type that JavaScript's numbers can hold. */
export function arbitraryMessage(type: DescMessage): fc.Arbitrary<Message> {
  const loose = type.fields.filter((field) => field.oneof === undefined);
  const always = loose.filter((field) => !hasPresence(field)).map(({ localName }) => localName);
  const own = fc.record(Object.fromEntries(loose.map((field) => [field.localName, arbitraryValue(field)])), {
    requiredKeys: always,
    noNullPrototype: true,
  });
  const choices = type.oneofs.map(({ fields }) =>
    fc.oneof(
      fc.constant({}),
      ...fields.map((field) => arbitraryValue(field).map((value) => ({ [field.localName]: value }))),
    ),
  );
  return fc.tuple(own, ...choices).map((parts) => Object.assign({}, ...parts) as Message);
}

/** The message without what equals a default, as proto3's canonical encoding leaves it out. */
export function withoutDefaults(type: DescMessage, message: Message): Message {
  const kept: Record<string, unknown> = {};
  for (const field of type.fields) {
    const value = message[field.localName];
    if (value === undefined) continue;
    if (field.message !== undefined) {
      const { message: inner } = field;
      kept[field.localName] = Array.isArray(value)
        ? value.map((one) => withoutDefaults(inner, one as Message))
        : withoutDefaults(inner, value as Message);
    } else if (hasPresence(field) || !isDefault(field, value)) kept[field.localName] = value;
  }
  return kept;
}

/** What was decoded: without `null` or `undefined` for unset fields, and without proto-loader's names of set oneofs. */
export function withoutUnset(type: DescMessage, decoded: Message): Message {
  const kept: Record<string, unknown> = {};
  for (const field of type.fields) {
    const value = decoded[field.localName];
    if (value === undefined || value === null) continue;
    const { message: inner } = field;
    if (inner === undefined) kept[field.localName] = value;
    else if (Array.isArray(value)) kept[field.localName] = value.map((one) => withoutUnset(inner, one as Message));
    else kept[field.localName] = withoutUnset(inner, value as Message);
  }
  return kept;
}

function hasPresence(field: DescField): boolean {
  return field.presence === FeatureSet_FieldPresence.EXPLICIT;
}

function isDefault(field: DescField, value: unknown): boolean {
  return value === 0 || value === '' || value === false || value === field.enum?.values[0]?.name;
}

function arbitraryValue(field: DescField): fc.Arbitrary<unknown> {
  const { message, enum: names } = field;
  const one =
    message !== undefined
      ? arbitraryMessage(message)
      : names !== undefined
        ? fc.constantFrom(...names.values.map(({ name }) => name))
        : arbitraryScalar(field);
  return field.fieldKind === 'list' ? fc.array(one, { maxLength: 3 }) : one;
}

function arbitraryScalar({ scalar, name }: DescField): fc.Arbitrary<unknown> {
  switch (scalar) {
    case ScalarType.UINT32:
      return fc.nat(2 ** 31 - 1).map((value) => value * 2);
    case ScalarType.UINT64:
      return fc.maxSafeNat();
    case ScalarType.STRING:
      return fc.string({ unit: 'binary', maxLength: 20 });
    case ScalarType.BOOL:
      return fc.boolean();
    default:
      throw new Error(`${name} has a type that no message had so far: add it here`);
  }
}
