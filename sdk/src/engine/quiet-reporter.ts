import type { Reporter } from './reporter.ts';

/** Tells nobody; what is logged goes to the console. For tasks that are called outside any run. */
export const QUIET_REPORTER: Reporter = {
  started: () => {},
  task: () => {},
  log: (line) => console[line.level](line.message),
  artifact: () => {},
  ended: () => {},
};
