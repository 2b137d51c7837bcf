import type { Schedule } from '@signalbox/proto/api';
import type { Client } from '../../../client/index.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { withSuggestion } from '../deployments/suggest-deployment.ts';
import { printSchedules } from './print-schedules.ts';

export async function listSchedules(context: Context, _options: GlobalOptions, ref: string | undefined): Promise<void> {
  const client = await context.client();
  const schedules =
    ref === undefined
      ? await allSchedules(client)
      : (await withSuggestion(client, ref, () => client.deployments.get.query({ deployment: ref }))).schedules;
  if (context.json) return context.printJson(schedules);
  printSchedules(context, schedules, { withDeployment: ref === undefined });
}

async function allSchedules(client: Client): Promise<Schedule[]> {
  const schedules: Schedule[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.deployments.list.query({ limit: 200, cursor });
    for (const each of page.items) {
      // People know a deployment by its flow and name together.
      for (const schedule of each.schedules)
        schedules.push({ ...schedule, deployment: { ...schedule.deployment, name: `${each.flow.name}/${each.name}` } });
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return schedules;
}
