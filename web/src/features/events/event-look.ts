/** How an event looks at a glance: by the state that its name ends with, else by what it says came of it. */
import { RUN_STATES, type RunStateType } from '@signalbox/proto';
import { paths } from '../../lib/paths.ts';
import { stateLook } from '../runs/run-state-badge.tsx';

/** Names of states that are no type of state themselves. */
const TYPE_OF: Readonly<Record<string, RunStateType>> = {
  late: 'PAUSED',
  awaitingretry: 'SCHEDULED',
  timedout: 'FAILED',
  lost: 'CRASHED',
  resolved: 'COMPLETED',
  triggered: 'PAUSED',
  violated: 'FAILED',
  declared: 'FAILED',
  online: 'COMPLETED',
  offline: 'CRASHED',
  ready: 'COMPLETED',
  notready: 'FAILED',
  draining: 'PAUSED',
  quarantined: 'PAUSED',
};

/** A class that sets the text color. */
export function eventColor(name: string): string {
  const end = name.slice(name.lastIndexOf('.') + 1).replaceAll(/[^A-Za-z]/g, '');
  const type = RUN_STATES.find((state) => state === end.toUpperCase()) ?? TYPE_OF[end.toLowerCase()];
  if (type) return stateLook({ type }).color;
  return /fail|refus|missing|error/i.test(end) ? 'text-danger' : 'text-ink-3';
}

/** The page of a thing of ours; null: it has none. Labels of a resource, or of a related one. */
export function thingHref({ id = '', kind, role, name }: Readonly<Record<string, string | undefined>>): string | null {
  // Of a task run the page is its run's.
  if (id.startsWith('run_')) return paths.run(id.split('/')[0] ?? id);
  if (id.startsWith('dep_')) return paths.deployment(id);
  if (id.startsWith('auto_')) return paths.automation(id);
  if (id.startsWith('agt_')) return paths.agent(id);
  if (id.startsWith('inc_')) return paths.incident(id);
  if (id.startsWith('fail_')) return paths.failure(id);
  // Its event says of what it came and what came of it.
  if (id.startsWith('fire_')) return paths.events({ about: id, range: '30d' });
  if ((kind === 'work-pool' || role === 'work-pool') && name) return paths.workPool(name);
  if ((kind === 'limit' || role === 'limit') && name) return paths.limit(name);
  return null;
}

/** By its name where it has one, else by its key, as artifacts have, else by its id. */
export const thingName = (labels: Readonly<Record<string, string | undefined>>): string =>
  labels['path'] || labels['name'] || labels['key'] || labels['id'] || 'nothing named';
