import { toId } from '@signalbox/proto';
import type { Schedule } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';
import { listByDeployments, type ScheduleRow } from './store.ts';

/** A schedule as people and programs see it. What a person set lies over what the code says. */
export function showSchedule(row: ScheduleRow): Schedule {
  return {
    id: toId('schedule', row.id),
    deployment: { id: toId('deployment', row.deploymentId), name: row.deploymentName },
    slug: row.slug,
    origin: row.origin,
    spec: row.spec,
    parameters: row.parameters,
    active: isActive(row),
    ...row.rules,
    nextFireAt: row.nextFireAt?.toISOString() ?? null,
    problem: row.problem,
    retryAt: row.retryAt?.toISOString() ?? null,
  };
}

/** Whether it fires: a person's word before the code's. */
export function isActive(row: { readonly active: boolean; readonly operatorActive: boolean | null }): boolean {
  return row.operatorActive ?? row.active;
}

/** Schedules of deployments, each list by slug; deployments without any are absent. Keys are uuids. */
export async function schedulesOf(sql: Sql, workspaceId: string, deploymentIds: readonly string[]): Promise<Map<string, Schedule[]>> {
  const rows = await listByDeployments(sql, workspaceId, deploymentIds);
  const byDeployment = Map.groupBy(rows, (row) => row.deploymentId);
  return new Map([...byDeployment].map(([id, own]) => [id, own.map(showSchedule)]));
}
