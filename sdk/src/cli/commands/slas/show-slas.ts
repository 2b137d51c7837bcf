import type { Sla } from '@signalbox/proto/api';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { localTime, relative } from '../../output/time.ts';

const VIOLATIONS_SHOWN = 20;

export async function listSlas(context: Context, { deployment }: GlobalOptions & { deployment?: string }): Promise<void> {
  const client = await context.client();
  const of = deployment === undefined ? {} : { deployment: (await client.deployments.get.query({ deployment })).id };
  const slas = await client.slas.list.query(of);
  if (context.json) return context.printJson(slas);
  context.printTable(
    slas,
    [
      { header: 'SLA', value: ({ name }) => name, min: 12 },
      { header: 'KIND', value: ({ kind }) => kind },
      { header: 'OF', value: aboutOf, min: 12 },
      { header: 'WITHIN', value: ({ seconds }) => `${seconds} s` },
      { header: 'SEVERITY', value: ({ severity }) => severity, drop: 2 },
      { header: 'NOW', value: (sla) => statusOf(sla) },
      { header: 'LAST', value: ({ lastViolatedAt }) => (lastViolatedAt ? relative(lastViolatedAt, context.host.now()) : ''), drop: 1 },
    ],
    'No service levels. Make one: signalbox slas create --help',
  );
}

export async function showSla(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const sla = await findSla(context, ref);
  const violations = await (await context.client()).slas.violations.query({ sla: sla.id, limit: VIOLATIONS_SHOWN });
  if (context.json) return context.printJson({ ...sla, violations: violations.items });
  context.print(context.style.bold(sla.name));
  context.print(
    `${sla.kind} of ${aboutOf(sla)} within ${sla.seconds} s, ${sla.severity}, ${statusOf(sla)}${sla.origin === 'code' ? ', of code' : ''}`,
  );
  for (const { at, metAt, run } of violations.items)
    context.print(`${localTime(at)}  ${run ? run.name : 'no run'}  ${metAt ? `kept again ${localTime(metAt)}` : 'not kept yet'}`);
  if (violations.items.length === 0) context.print(context.style.dim('It was always kept.'));
}

/** By name or id. @throws CliError when there is none. */
export async function findSla(context: Context, ref: string): Promise<Sla> {
  const slas = await (await context.client()).slas.list.query({});
  const found = slas.find(({ id, name }) => id === ref || name === ref);
  if (!found) throw new CliError(`no service level "${ref}"`, { exitCode: EXIT.notFound, hint: 'list them: signalbox slas ls' });
  return found;
}

const aboutOf = ({ deployment, asset }: Sla): string => asset ?? deployment?.name ?? '';
const statusOf = ({ isEnabled, unmet }: Sla): string => (isEnabled ? (unmet > 0 ? 'violated' : 'kept') : 'off');
