import { parseAsInteger, parseAsStringLiteral } from 'nuqs/server';

export const RUN_TABS = ['logs', 'artifacts', 'values', 'children', 'history'] as const;

/** `?tab=logs&attempt=3&task=12`: what one sees is what one can send to a colleague. */
export const runPageParams = {
  tab: parseAsStringLiteral(RUN_TABS).withDefault('logs'),
  /** Epoch of the attempt; default: the newest. */
  attempt: parseAsInteger,
  task: parseAsInteger,
};
