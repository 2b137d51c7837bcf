/** Structured logs: JSON lines, no secrets. */
import pino from 'pino';

export type Log = pino.Logger;

/** A logger; `level` is one of pino's (`info` by default). */
export function openLog(level: string, name: string): Log {
  return pino({
    name,
    level,
    base: { name },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ['*.password', '*.secret', '*.authorization', '*.cookie', '*.jwt', '*.seed', '*.joinCode', '*.apiKey'],
      censor: '[redacted]',
    },
  });
}
