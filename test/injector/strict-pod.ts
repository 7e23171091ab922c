// What an API server would find wrong with an object: fields it does not know (it drops or refuses them), by the models of
// @kubernetes/client-node, and types and required fields, by the schemas of kubernetes-models.
import * as models from '@kubernetes/client-node';
import { DaemonSet, Deployment, StatefulSet } from 'kubernetes-models/apps/v1';
import { ConfigMap, Pod, Service } from 'kubernetes-models/v1';

type Attribute = { readonly baseName: string; readonly type: string };
type Model = { getAttributeTypeMap(): readonly Attribute[] };

const schemas: Readonly<Record<string, new (data: never) => { validate(): void }>> = {
  ...{ DaemonSet, Deployment, StatefulSet, ConfigMap, Pod, Service },
};

/** Lists what is wrong, with the paths. A `List` is looked at item by item. */
export function findProblems(object: unknown): readonly string[] {
  const { kind = '', items = [] } = object as { readonly kind?: string; readonly items?: readonly unknown[] };
  if (kind === 'List') return items.flatMap((item) => findProblems(item));
  const Schema = schemas[kind];
  if (Schema === undefined) return [`${kind}: no schema for it`];
  const problems = findUnknown(object, `V1${kind}`, kind);
  try {
    new Schema(object as never).validate();
  } catch (error) {
    problems.push(`${kind}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return problems;
}

function findUnknown(value: unknown, type: string, path: string): string[] {
  if (Array.isArray(value)) {
    const of = /^(?:Array|Set)<(.*)>$/.exec(type)?.[1] ?? type;
    return value.flatMap((item, index) => findUnknown(item, of, `${path}.${index}`));
  }
  const model = (models as unknown as Readonly<Record<string, Model | undefined>>)[type];
  if (typeof value !== 'object' || value === null || model === undefined) return [];
  const attributes = new Map(model.getAttributeTypeMap().map(({ baseName, type: of }) => [baseName, of]));
  return Object.entries(value).flatMap(([key, item]) => {
    const of = attributes.get(key);
    return of === undefined ? [`${path}.${key} is not known`] : findUnknown(item, of, `${path}.${key}`);
  });
}
