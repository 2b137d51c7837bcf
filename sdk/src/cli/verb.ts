import type { Command } from 'commander';
import type { Context, GlobalOptions } from './context.ts';
import { createContext } from './context.ts';
import type { Host } from './host.ts';

/** One thing the command line can do: gets its arguments and options, answers an exit code (none: 0). */
// biome-ignore lint/suspicious/noExplicitAny: each verb names its own arguments and options; commander does not know them.
export type Verb = (context: Context, options: any, ...args: any[]) => Promise<number> | Promise<void>;

/** Binds a verb to a command. The verb's file is imported only when it is used, so that `--help` is quick. */
export type Bind = (load: () => Promise<Verb>) => (this: Command, ...received: unknown[]) => Promise<void>;

/** What the verb answered, and what it worked with, for `main`. */
export interface Outcome {
  exitCode: number;
  context?: Context;
}

export function bindTo(host: Host, outcome: Outcome): Bind {
  return (load) =>
    async function (...received) {
      const options = this.optsWithGlobals<GlobalOptions>();
      // Commander appends the options and the command to the arguments.
      const args = received.slice(0, -2);
      outcome.context = createContext(host, options);
      const verb = await load();
      outcome.exitCode = (await verb(outcome.context, options, ...args)) ?? 0;
    };
}
