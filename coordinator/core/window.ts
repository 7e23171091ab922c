import { Cron } from 'croner';
import { z } from 'zod';

/**
 * Windows of time that come again: a cron expression says when one begins, on the clocks of a time zone, and it lasts
 * its duration in real time. Where clocks jump over the beginning it begins with the first minute that exists; where
 * they show it twice it begins once, at the first.
 */
const cronRule = {
  // Neither seconds, nor `?`, which croner replaces by the moment at which it is asked.
  pattern: /^[0-9A-Za-z*,/#@ -]{1,100}$/,
  allowed:
    'a cron expression of five fields (minute, hour, day, month, weekday) that comes to pass, for example 0 8 * * 1-5',
};
const timeZoneRule = {
  pattern: /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/,
  allowed: 'the name of an IANA time zone, for example Europe/Paris or UTC',
};

/** From here a cron expression has to come to pass; the year has a 29th of February. */
const reference = new Date('2024-01-01T00:00:00Z');

/** The fields of a window, for a strict object. */
export const windowFields = {
  cron: z.string().refine(isCron, cronRule.allowed),
  durationSeconds: z.int().min(60).max(604_800),
  timeZone: z.string().refine(isTimeZone, timeZoneRule.allowed).default('UTC'),
};

export type Window = { readonly cron: string; readonly durationSeconds: number; readonly timeZone: string };

export type WindowState = {
  readonly isOpen: boolean;
  /** When to look again: until then the answer stays. Null: for ever. */
  readonly untilMs: number | null;
};

function isCron(text: string): boolean {
  if (!cronRule.pattern.test(text)) return false;
  try {
    return cronOf(text, 'UTC').nextRun(reference) !== null;
  } catch {
    return false;
  }
}

function isTimeZone(name: string): boolean {
  if (!timeZoneRule.pattern.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

type Answer = WindowState & { readonly fromMs: number };

/** The last answer for each window: calendars are slow to reckon, and an answer holds for hours. */
const answers = new Map<string, Answer>();
const answersMax = 5000;

/** Says whether a window is open at a moment. */
export function windowAt(window: Window, nowMs: number): WindowState {
  const id = `${window.cron}|${window.durationSeconds}|${window.timeZone}`;
  const known = answers.get(id);
  if (known !== undefined && nowMs >= known.fromMs && nowMs < (known.untilMs ?? Infinity)) return known;
  const answer = reckon(window, nowMs);
  if (answers.size >= answersMax) answers.clear();
  answers.set(id, answer);
  return answer;
}

function reckon({ cron, durationSeconds, timeZone }: Window, nowMs: number): Answer {
  const runs = cronOf(cron, timeZone);
  // Runs are at whole seconds and strictly before the moment that is asked for.
  const startMs = runs.previousRuns(1, new Date(nowMs + 1))[0]?.getTime() ?? null;
  const nextMs = runs.nextRun(new Date(nowMs))?.getTime() ?? null;
  const endMs = startMs === null ? -Infinity : startMs + durationSeconds * 1000;
  if (nowMs >= endMs) return { isOpen: false, fromMs: startMs === null ? nowMs : endMs, untilMs: nextMs };
  return { isOpen: true, fromMs: startMs ?? nowMs, untilMs: Math.min(endMs, nextMs ?? Infinity) };
}

function cronOf(pattern: string, timezone: string): Cron {
  return new Cron(pattern, { timezone, mode: '5-part' });
}
