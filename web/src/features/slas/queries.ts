import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export type SlaSubject = { readonly deployment: `dep_${string}` } | { readonly asset: string };
const VIOLATIONS_SHOWN = 5;

export const slaQueries = (api: Api) => ({
  of: (about: SlaSubject) =>
    queryOptions({ queryKey: ['slas', 'list', about], queryFn: ({ signal }) => api.slas.list.query(about, { signal }) }),
  violations: (about: SlaSubject) =>
    queryOptions({
      queryKey: ['slas', 'violations', about],
      queryFn: ({ signal }) => api.slas.violations.query({ ...about, limit: VIOLATIONS_SHOWN }, { signal }),
    }),
});
