/** Incidents, declared once a problem and resolved with it. Without a key the problem is that of this automation and its group. */
import { toUuid } from '@signalbox/proto';
import type { IncidentLinkKind } from '@signalbox/proto/api';
import { sqlOfTx } from '../../../platform/sql.ts';
import { declareIncident, resolveIncident } from '../../incidents/index.ts';
import { type ActionOf, type Fired, type InsideKind, NothingToDo } from './action-kind.ts';

const LINKED: readonly IncidentLinkKind[] = ['run', 'deployment', 'failure-group', 'sla'];

export const declareIncidentKind: InsideKind<ActionOf<'declare-incident'>> = {
  scope: 'incidents:write',
  audit: 'incident.declare',
  async inside(ctx, { title, summary, severity, key }, fired) {
    const { outcome, incident } = await declareIncident(sqlOfTx(ctx.tx), {
      workspaceId: ctx.workspace.id,
      title: title || fired.automation.name,
      summary,
      severity,
      key: key || keyOf(fired),
      by: byOf(fired),
      links: linksOf(fired),
      requestKey: fired.deliveryId,
    });
    return {
      outcome: {
        message: outcome === 'declared' ? `Declared ${incident.title}` : `${incident.title} is open already`,
        target: { kind: 'incident', id: incident.id },
      },
      facts: {
        target: { kind: 'incident', id: toUuid('incident', incident.id) },
        before: null,
        after: { title: incident.title, severity, outcome },
      },
    };
  },
};

export const resolveIncidentKind: InsideKind<ActionOf<'resolve-incident'>> = {
  scope: 'incidents:write',
  audit: 'incident.resolve',
  async inside(ctx, { key, text }, fired) {
    const of = { key: key || keyOf(fired) };
    const { incident } = await resolveIncident(sqlOfTx(ctx.tx), {
      workspaceId: ctx.workspace.id,
      of,
      text,
      by: byOf(fired),
      requestKey: fired.deliveryId,
    });
    if (!incident) throw new NothingToDo('No incident of this key is open.');
    return {
      outcome: { message: `Resolved ${incident.title}`, target: { kind: 'incident', id: incident.id } },
      facts: { target: { kind: 'incident', id: toUuid('incident', incident.id) }, before: null, after: { status: incident.status } },
    };
  },
};

const keyOf = ({ automation, firing }: Fired): string => [automation.id, ...firing.key].join(' ');
const byOf = ({ automation }: Fired) => ({ kind: 'automation', name: automation.name });

function linksOf({ automation, firing, event }: Fired) {
  const things: Readonly<Record<string, string | undefined>>[] = event
    ? [{ ...event.resource, role: event.resource.kind }, ...event.related]
    : [];
  const found = things.flatMap(({ role, id, name, path }) => {
    const kind = LINKED.find((each) => each === role);
    return kind && id ? [{ kind, ref: id, name: path ?? name ?? '' }] : [];
  });
  return [
    ...found,
    { kind: 'automation' as const, ref: automation.id, name: automation.name },
    { kind: 'firing' as const, ref: firing.id, name: `${automation.name}: ${firing.why}` },
  ];
}
