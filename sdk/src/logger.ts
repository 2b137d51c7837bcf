/** What flows and tasks say while they run. */
import type { LogLevel } from '@signalbox/proto/messages';
import { findEngineContext } from './engine/context.ts';

/** Facts beside the text, kept as JSON: `{ rows: 1461 }`. */
export type LogAttributes = Record<string, unknown>;

/** Four levels; each line is bound to the task run that says it. Texts of any length are kept. */
export interface Logger {
  debug(message: string, attributes?: LogAttributes): void;
  info(message: string, attributes?: LogAttributes): void;
  warn(message: string, attributes?: LogAttributes): void;
  error(message: string, attributes?: LogAttributes): void;
}

function say(level: LogLevel, message: string, attributes?: LogAttributes): void {
  const ctx = findEngineContext();
  if (ctx) ctx.session.log(level, message, { task: ctx.task, attributes });
  else if (attributes) console[level](message, attributes);
  else console[level](message);
}

/** The logger of the run this code is in; outside any run it writes to the console. */
export const logger: Logger = {
  debug: (message, attributes) => say('debug', message, attributes),
  info: (message, attributes) => say('info', message, attributes),
  warn: (message, attributes) => say('warn', message, attributes),
  error: (message, attributes) => say('error', message, attributes),
};
