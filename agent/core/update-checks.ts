import type { Update } from './messages.ts';
import { findProblems } from './snapshot.ts';
import { findVariableProblems } from './variables.ts';

/** Lists what is wrong with an update's content; empty means it can be tried. */
export function findUpdateProblems(body: Exclude<Update['body'], { kind: 'unknown' }>): readonly string[] {
  switch (body.kind) {
    case 'unreadable':
      return [body.problem];
    case 'fleet':
      return findVariableProblems(body);
    default:
      return findProblems(body);
  }
}
