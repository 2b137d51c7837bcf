import type { IncidentDetail } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';

type Severity = IncidentDetail['severity'];
type IncidentId = IncidentDetail['id'];
type DeclareOptions = GlobalOptions & { severity: Severity; summary?: string; run: string[]; key?: string };

export async function declareIncident(context: Context, { severity, summary, run, key }: DeclareOptions, title: string): Promise<void> {
  const incident = await (await context.client()).incidents.declare.mutate({
    title,
    severity,
    runs: run as `run_${string}`[],
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
