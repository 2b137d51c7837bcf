import { RUN_STATES } from '@signalbox/proto';
import { createLoader, parseAsArrayOf, parseAsString, parseAsStringLiteral } from 'nuqs/server';
import { RUN_RANGES, type RunRange } from '../../../features/runs/run-filter.ts';

/** `?state=RUNNING,FAILED&flow=weather&deployment=weather/daily&tag=etl&range=24h&q=semaphore` */
export const runSearchParams = {
  state: parseAsArrayOf(parseAsStringLiteral(RUN_STATES)).withDefault([]),
  flow: parseAsString.withDefault(''),
  deployment: parseAsString.withDefault(''),
  tag: parseAsArrayOf(parseAsString).withDefault([]),
  range: parseAsStringLiteral(Object.keys(RUN_RANGES) as RunRange[]),
  q: parseAsString.withDefault(''),
};

export const loadRunFilter = createLoader(runSearchParams);
