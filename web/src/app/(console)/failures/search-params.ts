import { createLoader, parseAsString, parseAsStringLiteral } from 'nuqs/server';
import { FAILURE_VIEWS } from '../../../features/failures/queries.ts';

/** `?view=muted&q=timeout` */
export const failureSearchParams = {
  view: parseAsStringLiteral(FAILURE_VIEWS).withDefault('open'),
  q: parseAsString.withDefault(''),
};

export const loadFailureSearch = createLoader(failureSearchParams);
