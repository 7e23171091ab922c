import { type Logger as PinoLogger, pino } from 'pino';

/** Structured log: a constant message, fields in domain words. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error'>;

/** Fields that never reach a log, wherever they stand up to two levels deep. */
const secretFields = ['password', 'authorization', 'token', 'access_token', 'secret', 'accessToken', 'webhookToken'];
const redactPaths = secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Makes the process's logger: JSON lines on stderr, so that stdout stays for answers. */
export function createLogger(name: string, level: LogLevel): Logger {
  return pino(
    {
      name,
      level,
      base: { name, pid: process.pid },
      redact: { paths: redactPaths, censor: '[redacted]' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
