import { isId } from '@signalbox/proto';
import type { Client } from '../../../client/index.ts';
import { CliError } from '../../cli-error.ts';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { withSuggestion } from '../deployments/suggest-deployment.ts';
import { findRun } from '../runs/find-run.ts';
import { heldBy } from './show-retention.ts';

type HoldOptions = GlobalOptions & { reason: string; run?: string; deployment?: string };

export async function placeHold(context: Context, { reason, ...of }: HoldOptions): Promise<void> {
  const client = await context.client();
  const run = of.run === undefined ? undefined : await findRun(client, of.run);
  const deployment = of.deployment === undefined ? undefined : await deploymentOf(client, of.deployment);
  const hold = await client.retention.hold.mutate({ reason, run, deployment });
  if (context.json) return context.printJson(hold);
  context.print(`Held: ${heldBy(hold)} (${hold.id}).`);
}

async function deploymentOf(client: Client, ref: string) {
  if (isId('deployment', ref)) return ref;
  return (await withSuggestion(client, ref, () => client.deployments.get.query({ deployment: ref }))).id;
}

export async function releaseHold(context: Context, options: GlobalOptions & { yes?: boolean }, id: string): Promise<void> {
  const client = await context.client();
  const found = (await client.retention.get.query()).holds.find((hold) => hold.id === id);
  if (!found)
    throw new CliError(`there is no legal hold "${id}"`, { exitCode: EXIT.notFound, hint: 'list them with `signalbox retention show`' });
  await confirm(
    context,
    `Release the hold of ${heldBy(found)} (${found.reason}), so that what is past its time goes, maybe today?`,
    options,
  );
  const hold = await client.retention.release.mutate({ hold: found.id });
  if (context.json) return context.printJson(hold);
  context.print(`Released: ${heldBy(hold)}.`);
}
