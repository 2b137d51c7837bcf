import { isId } from '@signalbox/proto';
import type { Schedule } from '@signalbox/proto/api';
import type { Client } from '../../../client/index.ts';
import { CliError } from '../../cli-error.ts';
import { EXIT } from '../../exit-code.ts';
import { withSuggestion } from '../deployments/suggest-deployment.ts';

/** The id of the schedule that a person means: by its id, or by its deployment and, where that has several, its slug. */
export async function findSchedule(client: Client, ref: string, slug: string | undefined): Promise<Schedule['id']> {
  if (isId('schedule', ref)) return ref;
  const { schedules } = await withSuggestion(client, ref, () => client.deployments.get.query({ deployment: ref }));
  const fitting = slug === undefined ? schedules : schedules.filter((schedule) => schedule.slug === slug);
  const [schedule] = fitting;
  const names = schedules.map((each) => each.slug).join(', ');
  if (!schedule) {
    const message = slug === undefined ? `${ref} has no schedules` : `${ref} has no schedule "${slug}"`;
    throw new CliError(message, { exitCode: EXIT.notFound, hint: names ? `its schedules: ${names}` : undefined });
  }
  if (fitting.length > 1) throw new CliError(`${ref} has ${fitting.length} schedules`, { hint: `name one of: ${names}` });
  return schedule.id;
}
