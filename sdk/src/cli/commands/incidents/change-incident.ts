import type { IncidentDetail } from '@signalbox/proto/api';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';

type Severity = IncidentDetail['severity'];
type IncidentId = IncidentDetail['id'];
type AboutOptions = GlobalOptions & { run: string[]; deployment: string[]; failure: string[]; firing: string[] };
type DeclareOptions = AboutOptions & { severity: Severity; summary?: string; key?: string };

const aboutOf = ({ run, deployment, failure, firing }: AboutOptions) => ({
  runs: run as `run_${string}`[],
  deployments: deployment as `dep_${string}`[],
  failureGroups: failure as `fail_${string}`[],
  firings: firing as `fire_${string}`[],
});

export async function declareIncident(context: Context, options: DeclareOptions, title: string): Promise<void> {
  const { severity, summary, key } = options;
  const incident = await (await context.client()).incidents.declare.mutate({
    title,
    severity,
    ...aboutOf(options),
    ...(summary === undefined ? {} : { summary }),
    ...(key === undefined ? {} : { key }),
  });
  answer(context, incident, `Declared ${incident.id}: ${incident.title}`);
}

type UpdateOptions = GlobalOptions & { title?: string; severity?: Severity; status?: 'open' | 'investigating' | 'monitoring' };

export async function updateIncident(context: Context, { title, severity, status }: UpdateOptions, incident: string): Promise<void> {
  const saved = await (await context.client()).incidents.update.mutate({
    incident: incident as IncidentId,
    ...(title === undefined ? {} : { title }),
    ...(severity === undefined ? {} : { severity }),
    ...(status === undefined ? {} : { status }),
  });
  answer(context, saved, `${saved.id} is ${saved.status}, ${saved.severity}.`);
}

export async function commentIncident(context: Context, _options: GlobalOptions, incident: string, text: string): Promise<void> {
  const saved = await (await context.client()).incidents.comment.mutate({ incident: incident as IncidentId, text });
  answer(context, saved, `Said in ${saved.id}.`);
}

export async function linkIncident(context: Context, options: AboutOptions, incident: string): Promise<void> {
  const about = aboutOf(options);
  if (Object.values(about).every((ids) => ids.length === 0))
    throw new CliError('expected what to link: --run, --deployment, --failure or --firing, each with an id');
  const saved = await (await context.client()).incidents.link.mutate({ incident: incident as IncidentId, ...about });
  answer(context, saved, `${saved.id} is about ${saved.links.map(({ name, ref }) => name || ref).join(', ')}.`);
}

export async function unlinkIncident(context: Context, _options: GlobalOptions, incident: string, ref: string): Promise<void> {
  const saved = await (await context.client()).incidents.unlink.mutate({ incident: incident as IncidentId, ref });
  answer(context, saved, `${saved.id} is no longer about ${ref}.`);
}

export async function resolveIncident(context: Context, { text }: GlobalOptions & { text?: string }, incident: string): Promise<void> {
  const saved = await (await context.client()).incidents.resolve.mutate({
    incident: incident as IncidentId,
    ...(text === undefined ? {} : { text }),
  });
  answer(context, saved, `Resolved ${saved.id}: ${saved.title}`);
}

export async function reopenIncident(context: Context, { text }: GlobalOptions & { text?: string }, incident: string): Promise<void> {
  const saved = await (await context.client()).incidents.reopen.mutate({
    incident: incident as IncidentId,
    ...(text === undefined ? {} : { text }),
  });
  answer(context, saved, `Reopened ${saved.id}: ${saved.title}`);
}

function answer(context: Context, incident: IncidentDetail, text: string): void {
  if (context.json) context.printJson(incident);
  else context.print(text);
}
