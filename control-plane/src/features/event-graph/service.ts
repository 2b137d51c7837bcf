/**
 * What led to an event and what came of it, as far as is known for sure: what an event says it follows, what made an automation fire, what its
 * actions did, and the states of a run one after another. Bounds: so many steps either way, so many nodes in all.
 */
import { isId, toId, toUuid } from '@signalbox/proto';
import type { Event, EventGraph, EventGraphNode, eventGraphInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { notFound } from '../../platform/errors.ts';
import type { SqlCtx } from '../../platform/services.ts';
import type { Sql } from '../../platform/sql.ts';
import { findLinked, readEvents } from '../events/index.ts';
import { type Deed, readDeeds, readDoers, readTriggers } from './store.ts';

/** An action, what it did, what came of that: three steps a link. */
const STEPS_UP = 8;
const STEPS_DOWN = 6;
const NODES_MAX = 60;
/** Between an action and the event of what it did: both are one transaction. */
const AT_ONCE_MS = 10_000;
const CLOCKS_MS = 1_000;

/** @throws NOT_FOUND: there is none there, or it is no longer kept */
export async function readEventGraph(ctx: SqlCtx, { position }: z.output<typeof eventGraphInput>): Promise<EventGraph> {
  const { sql } = ctx;
  const [event] = await readEvents(sql, ctx.workspace.id, {}, { cursor: null, after: position - 1, limit: 1 });
  if (event?.position !== position) throw notFound('event', String(position));
  // Who may not see automations sees what events say of each other.
  const graph = new Walk(sql, ctx.workspace.id, ctx.workspace.scopes.has('automations:read'));
  return graph.walk(event);
}

class Walk {
  private readonly nodes = new Map<string, EventGraphNode>();
  private readonly edges = new Map<string, { from: string; to: string }>();
  private isCut = false;

  private readonly sql: Sql;
  private readonly workspaceId: string;
  private readonly seesAutomations: boolean;

  constructor(sql: Sql, workspaceId: string, seesAutomations: boolean) {
    this.sql = sql;
    this.workspaceId = workspaceId;
    this.seesAutomations = seesAutomations;
  }

  async walk(event: Event): Promise<EventGraph> {
    this.addEvent(event);
    await this.byStep([event], STEPS_UP, (step) => this.causesOf(step));
    await this.byStep([event], STEPS_DOWN, (step) => this.effectsOf(step));
    return { nodes: [...this.nodes.values()], edges: [...this.edges.values()], isCut: this.isCut };
  }

  private async byStep(from: Event[], steps: number, next: (step: readonly Event[]) => Promise<Event[]>): Promise<void> {
    let step = from;
    for (let i = 0; i < steps && step.length > 0; i++) step = await next(step);
    this.isCut ||= step.length > 0;
  }

  /** Answers those that were not known. */
  private async causesOf(step: readonly Event[]): Promise<Event[]> {
    const found: Event[] = [];
    for (const event of step) {
      for (const deed of await this.deedsBehind(event)) {
        const firing = await this.firingOf(deed, event);
        if (firing) this.note(firing, deed, found);
        this.link(this.addDeed(deed), event.id);
      }
      const triggers =
        this.seesAutomations && event.name.startsWith('automation.') ? await readTriggers(this.sql, this.workspaceId, event.id) : [];
      for (const trigger of triggers) this.note(trigger, event, found);
      if (triggers.length === 0 && event.follows && !this.hasCause(event)) {
        const links = { ids: [event.follows], follows: [], from: event.position, at: event.receivedAt, forward: false };
        const [cause] = await findLinked(this.sql, this.workspaceId, links);
        if (cause) this.note(cause, event, found);
      }
      const [before] = isId('run', event.resource['id'] ?? '') && isChange(event) ? await this.changes(event, false) : [];
      if (before) this.note(before, event, found);
    }
    return found;
  }

  private async effectsOf(step: readonly Event[]): Promise<Event[]> {
    const found: Event[] = [];
    const byId = new Map(step.map((event) => [event.id, event]));
    const deeds = this.seesAutomations
      ? await readDeeds(this.sql, this.workspaceId, {
          firings: step.filter(({ name }) => name.startsWith('automation.')).map(({ id }) => id),
        })
      : [];
    const [first] = step.toSorted((a, b) => a.position - b.position);
    const links = {
      ids: deeds.map(({ id }) => id),
      follows: [...byId.keys()],
      from: first?.position ?? 0,
      at: first?.receivedAt ?? '',
      forward: true,
    };
    const linked = first ? await findLinked(this.sql, this.workspaceId, links) : [];
    for (const deed of deeds) {
      const firing = byId.get(deed.firingId);
      if (!firing || !this.hasRoom(1)) continue;
      this.link(firing.id, this.addDeed(deed));
      const done = linked.find(({ id }) => id === deed.id) ?? (await this.doneBy(deed, firing));
      if (done) this.note(deed, done, found);
    }
    // Of an event that an action emits, the action is the cause; it follows what fired it.
    const emitted = this.seesAutomations ? await readDeeds(this.sql, this.workspaceId, { actions: linked.map(({ id }) => id) }) : [];
    for (const event of linked) {
      const cause = byId.get(event.follows ?? '');
      if (cause && !emitted.some(({ id }) => id === event.id)) this.note(cause, event, found);
    }
    for (const event of step) {
      const [after] = isChange(event) ? await this.changes(event, true) : [];
      if (after) this.note(event, after, found);
    }
    return found;
  }

  /** Actions that made it happen. */
  private async deedsBehind(event: Event): Promise<Deed[]> {
    if (!this.seesAutomations) return [];
    const id = event.resource['id'] ?? '';
    const target = isId('run', id) ? toUuid('run', id) : isId('incident', id) ? toUuid('incident', id) : null;
    const atMs = Date.parse(event.occurredAt);
    const doers = target ? await readDoers(this.sql, this.workspaceId, target) : [];
    const near = doers.filter(({ at }) => Math.abs(at.getTime() - atMs) <= AT_ONCE_MS);
    const deeds = await readDeeds(this.sql, this.workspaceId, { actions: [event.id, ...near.map(({ action }) => action)] });
    const made: Deed[] = [];
    for (const deed of deeds) {
      if (deed.id === event.id) made.push(deed);
      else if ((await this.doneBy(deed, event))?.id === event.id) made.push(deed);
    }
    return made;
  }

  /** The event that tells it, near one that came of it. */
  private async firingOf({ firingId }: Deed, near: Event): Promise<Event | null> {
    const [firing] = await findLinked(this.sql, this.workspaceId, {
      ids: [firingId],
      follows: [],
      from: near.position,
      at: near.receivedAt,
      forward: false,
    });
    return firing ?? null;
  }

  /** Of what an action did to a run or an incident, the event that tells it: the nearest to its last try. */
  private async doneBy({ target, attempts, status }: Deed, { position }: Event): Promise<Event | null> {
    const at = attempts.at(-1)?.at;
    if (status !== 'done' || !target || !at || !(isId('run', target.id) || isId('incident', target.id))) return null;
    const page = { cursor: null, after: Math.max(0, position - 200), limit: 20 };
    const events = await readEvents(this.sql, this.workspaceId, { resource: target.id, names: ['run.*', 'incident.*'] }, page);
    // What was there before its try is nothing that it did, but for clocks that differ.
    const away = (event: Event) => {
      const ms = Date.parse(event.occurredAt) - Date.parse(at);
      return ms >= 0 ? ms : CLOCKS_MS - ms;
    };
    const near = events.filter((event) => away(event) <= AT_ONCE_MS).sort((a, b) => away(a) - away(b) || a.position - b.position);
    return near[0] ?? null;
  }

  /** The state of the same run before it, or after it. */
  private changes({ resource, position }: Event, isForward: boolean): Promise<Event[]> {
    const page = { cursor: isForward ? null : position, after: isForward ? position : null, limit: 1 };
    return readEvents(this.sql, this.workspaceId, { resource: resource['id'] ?? '', names: ['run.*'] }, page);
  }

  private note(from: Event | Deed, to: Event | Deed, found: Event[]): void {
    for (const each of [from, to]) {
      if ('firingId' in each) this.addDeed(each);
      else if (this.addEvent(each)) found.push(each);
    }
    this.link(keyOf(from), keyOf(to));
  }

  private addEvent({ position, id, name, occurredAt, resource }: Event): boolean {
    if (this.nodes.has(id) || !this.hasRoom(1)) return false;
    this.nodes.set(id, { kind: 'event', key: id, event: { position, id, name, occurredAt, resource } });
    return true;
  }

  private addDeed(deed: Deed): string {
    const key = keyOf(deed);
    const { type, status, attempts, automation, target } = deed;
    if (!this.nodes.has(key) && this.hasRoom(1))
      this.nodes.set(key, { kind: 'action', key, type, status, message: attempts.at(-1)?.message ?? null, automation, target });
    return key;
  }

  private link(from: string, to: string): void {
    if (this.nodes.has(from) && this.nodes.has(to)) this.edges.set(`${from} ${to}`, { from, to });
  }

  private hasCause({ id }: Event): boolean {
    return [...this.edges.values()].some(({ to }) => to === id);
  }

  private hasRoom(count: number): boolean {
    const hasRoom = this.nodes.size + count <= NODES_MAX;
    if (!hasRoom) this.isCut = true;
    return hasRoom;
  }
}

const keyOf = (each: Event | Deed): string => ('firingId' in each ? toId('automationAction', each.id) : each.id);
/** A change of state of a run itself. */
const isChange = ({ name, resource }: Event): boolean => name.startsWith('run.') && isId('run', resource['id'] ?? '');
