import { z } from 'zod';
import type { TextRule } from './names.ts';

/** A text as a rule of names.ts allows it. */
export function text(rule: TextRule) {
  return z.string().regex(rule.pattern, rule.allowed);
}

/** Fields that several parts of a declaration have in common, with the ranges of ProxySQL's columns. */
export const port = z.int().min(1).max(65535);
export const hostgroup = z.int().min(0).max(2_147_483_647);
export const weight = z.int().min(0).max(10_000_000);
export const connections = z.int().min(0).max(1_000_000);
export const seconds = z.int().min(0).max(604_800);
export const milliseconds = z.int().min(0).max(2_147_483_647);

/** The role of one of a group's two hostgroups. */
export const role = z.enum(['writer', 'reader']);

/** Refuses entries of a list that have an earlier one's name. */
export function refuseRepeated<T>(list: string, field: keyof T & string) {
  return (entries: readonly T[], context: z.RefinementCtx) => {
    entries.forEach((entry, index) => {
      const first = entries.findIndex((other) => other[field] === entry[field]);
      if (first === index) return;
      const message = `a name that ${list}.${first} does not have`;
      context.addIssue({ code: 'custom', path: [index, field], message });
    });
  };
}
