import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { findSpec, instantOf, parametersOf, type SpecOptions } from '../schedules/schedule-options.ts';
import { watchBackfill } from './show-backfills.ts';

type Options = GlobalOptions &
  SpecOptions & {
    from: string;
    to: string;
    params?: string;
    newestFirst?: boolean;
    inFlight?: number;
    rerun?: boolean;
    instantParameter?: string;
    watch?: boolean;
  };

export async function createBackfill(context: Context, options: Options, deployment: string, schedule?: string): Promise<number> {
  const spec = findSpec(options);
  const client = await context.client();
  const only = async () => (await client.deployments.get.query({ deployment })).schedules[0]?.slug;
  const backfill = await client.backfills.create.mutate({
    deployment,
    // A deployment often has one: it need not be named.
    ...(spec ? { spec } : { schedule: schedule ?? (await only()) }),
    from: instantOf('from', options.from),
    to: instantOf('to', options.to),
    parameters: options.params === undefined ? undefined : parametersOf(options.params),
    order: options.newestFirst ? 'newest' : 'oldest',
    maxInFlight: options.inFlight,
    rerun: options.rerun,
    instantParameter: options.instantParameter,
  });
  if (options.watch) return watchBackfill(context, client, backfill);
  if (context.json) context.printJson(backfill);
  else {
    context.print(`Backfill ${backfill.id} makes ${backfill.total} runs, ${backfill.maxInFlight} at a time.`);
    context.note(context.style.dim(`Follow it: signalbox backfills watch ${backfill.id}`));
  }
  return EXIT.ok;
}
