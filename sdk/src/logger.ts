/** What flows and tasks say while they run. */
import type { LogLevel } from '@signalbox/proto/messages';
import type { EngineContext } from './engine/context.ts';
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

/** The logger of the run this code is in; outside any run it writes to the console. */
export const logger: Logger = makeLogger(findEngineContext);

/**
 * @internal A logger bound to one context: callbacks of other libraries and of signals run outside of any, and what
 * they say through it still belongs to the run.
 */
export function loggerOf(ctx: EngineContext): Logger {
  return makeLogger(() => ctx);
}

function makeLogger(find: () => EngineContext | undefined): Logger {
  const say = (level: LogLevel) => (message: string, attributes?: LogAttributes) => {
    const ctx = find();
    if (ctx) ctx.session.log(level, message, { task: ctx.task, attributes });
    else if (attributes) console[level](message, attributes);
    else console[level](message);
  };
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}
