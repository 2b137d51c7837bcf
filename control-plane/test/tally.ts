/** Counts what the generated matrix asked: `npm run authz` adds it up over the suites. */
import { appendFileSync } from 'node:fs';
import { afterAll } from 'vitest';

export type Tally = {
  /** A thing of which it is said who may do it: a procedure, a route, a subject. */
  rule(name: string): void;
  /** One question: this rule, as this one, in this place. */
  ask(): void;
};

/** Of one suite; told to the file that SIGNALBOX_AUTHZ_TALLY names, where it is set. */
export function openTally(suite: string): Tally {
  const rules = new Set<string>();
  let cases = 0;
  afterAll(() => {
    const file = process.env['SIGNALBOX_AUTHZ_TALLY'];
    if (file) appendFileSync(file, `${JSON.stringify({ suite, rules: rules.size, cases })}\n`);
  });
  return {
    rule: (name) => void rules.add(name),
    ask: () => {
      cases += 1;
    },
  };
}
