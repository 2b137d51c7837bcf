import type { Sla } from '@signalbox/proto/api';
import { CliError } from '../../cli-error.ts';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { findSla } from './show-slas.ts';

type CreateOptions = GlobalOptions & Pick<Sla, 'kind' | 'seconds' | 'severity'> & { deployment?: string; asset?: string };

export async function createSla(
  context: Context,
  { kind, seconds, severity, deployment, asset }: CreateOptions,
  name: string,
): Promise<void> {
  const client = await context.client();
  const sla = await client.slas.create.mutate({
    name,
    kind,
    seconds,
    severity,
    ...(asset === undefined ? {} : { asset }),
    ...(deployment === undefined ? {} : { deployment: (await client.deployments.get.query({ deployment })).id }),
  });
  if (context.json) return context.printJson(sla);
  context.print(`Promised: ${sla.name}.`);
}

type UpdateOptions = GlobalOptions & Partial<Pick<Sla, 'name' | 'seconds' | 'severity'>> & { on?: boolean; off?: boolean };

export async function updateSla(context: Context, { name, seconds, severity, on, off }: UpdateOptions, ref: string): Promise<void> {
  const change = {
    ...(name === undefined ? {} : { name }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(severity === undefined ? {} : { severity }),
    ...(on || off ? { isEnabled: on === true } : {}),
  };
  if (Object.keys(change).length === 0)
    throw new CliError('nothing to change', { hint: 'give --name, --seconds, --severity, --on or --off' });
  const { id } = await findSla(context, ref);
  const sla = await (await context.client()).slas.update.mutate({ sla: id, ...change });
  if (context.json) return context.printJson(sla);
  context.print(`${sla.name}: within ${sla.seconds} s, ${sla.severity}, ${sla.isEnabled ? 'on' : 'off'}.`);
}

export async function deleteSla(context: Context, options: GlobalOptions & { yes?: boolean }, ref: string): Promise<void> {
  const { id, name } = await findSla(context, ref);
  await confirm(context, `Delete service level ${name}?`, options);
  const reply = await (await context.client()).slas.delete.mutate({ sla: id });
  if (context.json) return context.printJson(reply);
  context.print(`Deleted ${name}.`);
}
