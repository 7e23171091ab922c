import { z } from 'zod';
import type { CloudInstance, InstanceShape } from './cloud.ts';
import { text } from './fields.ts';
import * as names from './names.ts';
import { excerpt, type Problem } from './problems.ts';

const zone = text({ pattern: /^[a-z][a-z0-9-]{0,62}$/, allowed: 'the name of a zone, for example europe-west1-b' });
const flagName = text({ pattern: /^[a-z][a-z0-9_.-]{0,99}$/, allowed: 'the name of a database flag' });
/** `chester` begins the labels by which we know our own; nobody else sets them. */
const labelKey = text({
  pattern: /^(?!chester)[a-z][a-z0-9_-]{0,62}$/,
  allowed: 'a label of a-z, 0-9, _ and - that does not begin with chester',
});
const labelValue = text({ pattern: /^[a-z0-9_-]{0,63}$/, allowed: 'up to 63 of a-z, 0-9, _ and -' });

/** Cloud SQL takes 64 labels; ours are among them. */
const labelsMax = 60;

/** What a new replica has other than its primary. */
export const templateSchema = z
  .strictObject({
    namePrefix: text(names.instanceNamePrefix).optional(),
    tier: z.string().min(1).max(63).optional(),
    zone: zone.optional(),
    zones: z.array(zone).max(10).default([]),
    edition: z.enum(['ENTERPRISE', 'ENTERPRISE_PLUS']).optional(),
    allocatedIpRange: text({
      pattern: /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
      allowed: "the name of an allocated range of the primary's network",
    }).optional(),
    flags: z.record(flagName, z.string().max(255)).default({}),
    labels: z
      .record(labelKey, labelValue)
      .refine((labels) => Object.keys(labels).length <= labelsMax, { message: `at most ${labelsMax} labels` })
      .default({}),
  })
  .refine((template) => template.zone === undefined || template.zones.length === 0, {
    path: ['zone'],
    message: 'unset, when zones is set',
  });

export type ReplicaTemplate = z.infer<typeof templateSchema>;

/** The primary's shape with the group's overrides. Flags are joined by name, the group's own winning. */
export function shapeOfReplica(primary: InstanceShape, template: ReplicaTemplate): InstanceShape {
  const kept = primary.flags.filter(({ name }) => !Object.hasOwn(template.flags, name));
  const own = Object.entries(template.flags).map(([name, value]) => ({ name, value }));
  return {
    ...primary,
    tier: template.tier ?? primary.tier,
    edition: template.edition ?? primary.edition,
    allocatedIpRange: template.allocatedIpRange ?? primary.allocatedIpRange,
    flags: [...kept, ...own],
  };
}

/** The zone for one more replica: of several, the one with the fewest of `siblings`. Null leaves it to Cloud SQL. */
export function chooseZone(
  { zone: only, zones }: ReplicaTemplate,
  siblings: readonly Pick<CloudInstance, 'zone'>[],
): string | null {
  const count = (name: string) => siblings.filter((sibling) => sibling.zone === name).length;
  const [emptiest] = [...zones].sort((one, other) => count(one) - count(other));
  return only ?? emptiest ?? null;
}

/** What Cloud SQL would refuse of a template, by what it says of the primary. */
export function findTemplateProblems(template: ReplicaTemplate, primary: InstanceShape): Problem[] {
  const problems: Problem[] = [];
  const asked = template.flags['max_connections'];
  const needed = primary.flags.find(({ name }) => name === 'max_connections')?.value;
  if (asked !== undefined && needed !== undefined && Number(asked) < Number(needed)) {
    const allowed = `at least the primary's, ${needed}: Cloud SQL creates no replica with fewer`;
    problems.push({ field: 'template.flags.max_connections', value: excerpt(asked), allowed });
  }
  const zones = [...template.zones, ...(template.zone === undefined ? [] : [template.zone])];
  const foreign = zones.find((name) => !name.startsWith(`${primary.region}-`));
  if (foreign !== undefined) {
    const field = template.zone === undefined ? 'template.zones' : 'template.zone';
    problems.push({ field, value: excerpt(foreign), allowed: `a zone of the primary's region, ${primary.region}` });
  }
  return problems;
}
