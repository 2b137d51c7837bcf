import type { IncidentEntry, IncidentStatus, Severity } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';
import type { Style } from '../../output/style.ts';
import { localTime, relative } from '../../output/time.ts';

const OPEN: IncidentStatus[] = ['open', 'investigating', 'monitoring'];

type ListOptions = GlobalOptions & { all?: boolean; about?: string; cursor?: string };

export async function listIncidents(context: Context, { all, about, cursor }: ListOptions): Promise<void> {
  const page = await (await context.client()).incidents.list.query({
    limit: 100,
    ...(all ? {} : { statuses: OPEN }),
    ...(about === undefined ? {} : { about }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  if (context.json) return context.printJson(page);
  context.printTable(
    page.items,
    [
      { header: 'INCIDENT', value: ({ id }) => id, min: 30 },
      { header: 'SEVERITY', value: ({ severity }) => severityText(severity, context.style) },
      { header: 'STATUS', value: ({ status }) => status },
      { header: 'TITLE', value: ({ title }) => title, min: 16 },
      { header: 'DECLARED', value: ({ declaredAt }) => relative(declaredAt, context.host.now()), drop: 1 },
    ],
    all ? 'No incidents.' : 'No incident is open.',
  );
  if (page.nextCursor !== null) context.note(context.style.dim(`There are more: add --cursor ${page.nextCursor}`));
}

export async function showIncident(context: Context, _options: GlobalOptions, id: string): Promise<void> {
  const incident = await (await context.client()).incidents.get.query({ incident: id as `inc_${string}` });
  if (context.json) return context.printJson(incident);
  context.print(`${context.style.bold(incident.title)}`);
  context.print(`${severityText(incident.severity, context.style)}, ${incident.status}, declared by ${incident.declaredBy}`);
  if (incident.summary) context.print(incident.summary);
  for (const { kind, ref, name } of incident.links)
    context.print(`about ${kind} ${name || ref} ${context.style.dim(name ? ref : '')}`.trimEnd());
  for (const entry of incident.entries) context.print(`${localTime(entry.at)}  ${entry.actor.name}  ${entryText(entry)}`);
}

function entryText({ kind, text, before, after }: IncidentEntry): string {
  if (kind === 'comment') return text;
  const change = before && after ? ` ${before} -> ${after}` : '';
  return `${kind}${change}${text ? `: ${text}` : ''}`;
}

function severityText(severity: Severity, style: Style): string {
  if (severity === 'critical' || severity === 'high') return style.red(severity);
  return severity === 'moderate' ? style.yellow(severity) : severity;
}
