import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export type DeploymentId = `dep_${string}`;
const VIOLATIONS_SHOWN = 5;

export const slaQueries = (api: Api) => ({
  ofDeployment: (deployment: DeploymentId) =>
    queryOptions({ queryKey: ['slas', 'list', deployment], queryFn: ({ signal }) => api.slas.list.query({ deployment }, { signal }) }),
  violations: (deployment: DeploymentId) =>
    queryOptions({
      queryKey: ['slas', 'violations', deployment],
      queryFn: ({ signal }) => api.slas.violations.query({ deployment, limit: VIOLATIONS_SHOWN }, { signal }),
    }),
});
