/** What code prints with `console` inside a run belongs to the task run that prints it. */
import { format } from 'node:util';
import { findEngineContext } from './context.ts';

const LEVELS = { debug: 'debug', log: 'info', info: 'info', warn: 'warn', error: 'error' } as const;

/** From here on; outside a run, and after its end, `console` prints as ever. */
export function captureConsole(): void {
  for (const [method, level] of Object.entries(LEVELS) as [keyof typeof LEVELS, (typeof LEVELS)[keyof typeof LEVELS]][]) {
    const print = console[method];
    console[method] = (...args: unknown[]) => {
      const ctx = findEngineContext();
      if (!ctx?.session.capturesConsole) return print(...args);
      const stream = level === 'warn' || level === 'error' ? 'stderr' : 'stdout';
      ctx.session.log(level, format(...args), { task: ctx.task, stream });
    };
  }
}
