/** What Chester kept of one database, by whatever it was read: its Datastore, a dump of it, or its HTTP API. */
export type ChesterDatabase = { readonly name: string; readonly fields: Fields };

/**
 * An entity's fields under lower-case names without `_`: Datastore has Go's names, JSON dumps have others of the same
 * letters.
 */
export type Fields = ReadonlyMap<string, unknown>;

/** Whether a text is a whole entity's kind. */
export const chesterKinds = { config: 'proxysqlconfig', metaData: 'chester_metadata' } as const;

/** An entity as Datastore's REST API shows it. @see https://cloud.google.com/datastore/docs/reference/data/rest/v1/Entity */
export type Entity = {
  readonly key: { readonly path: readonly { readonly kind: string; readonly name?: string }[] };
  readonly properties: Readonly<Record<string, unknown>>;
};

/** Joins configurations with their metadata. */
export function joinEntities(entities: readonly Entity[]): ChesterDatabase[] {
  const maximumOf = new Map<string, unknown>();
  for (const { key, properties } of entities) {
    const last = key.path.at(-1);
    if (last?.kind === chesterKinds.metaData) maximumOf.set(last.name ?? '', plain(properties));
  }
  return entities.flatMap(({ key, properties }) => {
    const last = key.path.at(-1);
    if (last?.kind !== chesterKinds.config || last.name === undefined) return [];
    const metaData = maximumOf.get(last.name);
    const fields = fieldsOf(plain(properties));
    return [
      { name: last.name, fields: new Map([...fields, ['chestermetadata', metaData ?? fields.get('chestermetadata')]]) },
    ];
  });
}

/** Reads a dump: entities, answers of runQuery, or what `GET /databases` answered. Null: it is none of them. */
export function readDump(dump: unknown): ChesterDatabase[] | null {
  const items = listOf(dump);
  const entities = items.flatMap((item) =>
    isEntity(item) ? [item] : isRecord(item) && isEntity(item['entity']) ? [item['entity']] : [],
  );
  if (entities.length > 0) return joinEntities(entities);
  const databases = items.filter((item) => isRecord(item) && typeof item['instance_name'] === 'string');
  if (databases.length === 0 || databases.length !== items.length) return null;
  return databases.map((item) => {
    const fields = fieldsOf(item);
    return { name: String(fields.get('instancename')), fields };
  });
}

function listOf(dump: unknown): readonly unknown[] {
  if (Array.isArray(dump))
    return dump.flatMap((item) =>
      isRecord(item) && ('batch' in item || 'entityResults' in item) ? listOf(item) : [item],
    );
  if (!isRecord(dump)) return [];
  if ('batch' in dump) return listOf(dump['batch']);
  if ('entityResults' in dump) return listOf(dump['entityResults']);
  return [dump];
}

function isEntity(item: unknown): item is Entity {
  return isRecord(item) && isRecord(item['properties']) && isRecord(item['key']) && Array.isArray(item['key']['path']);
}

/** The fields of a plain object. */
export function fieldsOf(value: unknown): Fields {
  if (!isRecord(value)) return new Map();
  return new Map(Object.entries(value).map(([name, field]) => [name.toLowerCase().replaceAll('_', ''), field]));
}

/** A list of plain objects, each as its fields. */
export function listOfFields(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

export function textOf(fields: Fields, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** 0 for what is no number. */
export function numberOf(fields: Fields, name: string): number {
  const value = fields.get(name);
  return typeof value === 'number'
    ? value
    : typeof value === 'string' && /^-?\d{1,15}$/.test(value)
      ? Number(value)
      : 0;
}

/** A property map without Datastore's types. */
function plain(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (!isRecord(value)) return value;
  if (isRecord(value['arrayValue'])) {
    const { values } = value['arrayValue'];
    return Array.isArray(values) ? values.map(plainValue) : [];
  }
  if (isRecord(value['entityValue'])) {
    const { properties } = value['entityValue'];
    return isRecord(properties) ? plain(properties) : {};
  }
  if ('integerValue' in value) return Number(value['integerValue']);
  for (const type of ['stringValue', 'booleanValue', 'doubleValue', 'blobValue']) if (type in value) return value[type];
  return null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
