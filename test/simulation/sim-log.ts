import type { Logger } from '../../process/log.ts';

/** Looks through all that a process logs for what must not be there. */
export function watchedLog(secret: string, leaked: (where: string) => void, heard?: (line: string) => void): Logger {
  const write = (fields: unknown, message = ''): void => {
    if (holds(fields, secret, 0) || message.includes(secret)) leaked(message);
    heard?.(
      `${message} ${JSON.stringify(fields, (_key, value: unknown) => (value instanceof Error ? value.stack : value))}`,
    );
  };
  return { debug: write, info: write, warn: write, error: write };
}

function holds(value: unknown, secret: string, depth: number): boolean {
  if (typeof value === 'string') return value.includes(secret);
  if (typeof value !== 'object' || value === null || depth > 6) return false;
  if (value instanceof Error && (value.message.includes(secret) || holds(value.cause, secret, depth + 1))) return true;
  return Object.values(value).some((part) => holds(part, secret, depth + 1));
}
