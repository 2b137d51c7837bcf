import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const QUESTIONS_SHOWN = 200;

export const questionQueries = (api: Api) => ({
  list: () =>
    queryOptions({ queryKey: ['questions'], queryFn: ({ signal }) => api.runs.questions.query({ limit: QUESTIONS_SHOWN }, { signal }) }),
});
