/** Structured logs on stdout. Nothing secret is ever handed in; these paths are the last net. */
import pino, { type Logger } from 'pino';

export function createLog(level: string): Logger {
  return pino({
    level,
    base: { service: 'agent' },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ['jwt', 'token', 'joinCode', 'seed', '*.jwt', '*.token', '*.joinCode'], censor: '[secret]' },
  });
}
