/**
 * Automations under faults: rules of every kind over events that the load emits, whose actions start runs, emit events, call a webhook
 * and notify. The truth is the feed and the receiver; what should have happened is worked out from them.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toUuid } from '@signalbox/proto';
import { type AutomationDefinitionInput, type Event, type EventsTrigger, isEventsTrigger, type Trigger } from '@signalbox/proto/api';
import { createClient } from '@signalbox/sdk/client';
import { replay } from '../../control-plane/src/domain/triggers/index.ts';
import { LOOPBACK } from '../dev/ports.ts';
import type { System } from '../test-support/system.ts';
import { effectKey, type SeenAutomations } from './check-automations.ts';
import type { Random } from './random.ts';
import { pause } from './workload.ts';

/** Of the window of absence: the shortest there is. */
const ABSENT_SECONDS = 10;
const REQUEST_MS = 5_000;
/** Two of them a second or so: an automation that fires more than once a second for long is held back by its rate guard. */
const EMIT_EVERY_MS = [100, 900] as const;
/** One answer of so many is a refusal that passes. */
const REFUSED_EVERY = 10;

export type Receiver = AsyncDisposable & {
  readonly url: string;
  /** Delivery ids by what they were sent for: path, and what its body names. */
  readonly taken: ReadonlyMap<string, ReadonlySet<string>>;
};

/** Somebody else's address, which no fault touches: takes requests, and now and then refuses one. */
export async function openReceiver(): Promise<Receiver> {
  const taken = new Map<string, Set<string>>();
  let asked = 0;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    if (++asked % REFUSED_EVERY === 0) return void response.writeHead(503).end();
    const key = `${request.url} ${subjectOf(JSON.parse(body) as Sent)}`;
    taken.set(key, (taken.get(key) ?? new Set()).add(String(request.headers['webhook-id'])));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    taken,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
type Sent = { readonly for?: string; readonly data?: { readonly subject?: string } };
const subjectOf = ({ for: webhook, data }: Sent) => webhook ?? data?.subject ?? '';

const ON = (...expect: string[]) => ({ type: 'event' as const, expect });
const rulesOf = (url: string, channel: string): AutomationDefinitionInput[] => [
  {
    name: 'each',
    trigger: ON('chaos.ping'),
    onTrigger: [
      { type: 'emit-event', name: 'chaos.pong', payload: { for: '{{ firing.id }}' } },
      { type: 'call-webhook', url: `${url}/hook`, body: { for: '{{ firing.id }}' } },
    ],
  },
  {
    name: 'starts',
    trigger: ON('chaos.go'),
    onTrigger: [
      { type: 'run-deployment', deployment: 'short/reuse', parameters: { tasks: 1 }, name: '{{ firing.id }}' },
      { type: 'send-notification', channel, subject: '{{ firing.id }}' },
    ],
  },
  {
    name: 'many',
    trigger: { ...ON('chaos.ping'), threshold: 5, withinSeconds: 3_600 },
    onTrigger: [{ type: 'emit-event', name: 'chaos.pong', payload: { for: '{{ firing.id }}' } }],
  },
  {
    name: 'both',
    trigger: { type: 'compound', require: 'all', triggers: [ON('chaos.left'), ON('chaos.right')] },
    onTrigger: [{ type: 'call-webhook', url: `${url}/hook`, body: { for: '{{ firing.id }}' } }],
  },
  {
    name: 'in turn',
    trigger: { type: 'sequence', triggers: [ON('chaos.left'), ON('chaos.right')] },
    onTrigger: [{ type: 'emit-event', name: 'chaos.pong', payload: { for: '{{ firing.id }}' } }],
  },
  {
    name: 'absent',
    trigger: {
      type: 'event',
      posture: 'proactive',
      after: ['chaos.begin'],
      expect: ['chaos.end'],
      forEach: ['id'],
      withinSeconds: ABSENT_SECONDS,
    },
    onTrigger: [
      { type: 'emit-event', name: 'chaos.pong', resource: { id: '{{ firing.id }}' }, payload: { for: '{{ firing.id }}' } },
      { type: 'call-webhook', url: `${url}/hook`, body: { for: '{{ firing.id }}' } },
    ],
  },
  {
    name: 'waits',
    trigger: { type: 'deadline', condition: 'not-started-by', seconds: 10 },
    onTrigger: [{ type: 'emit-event', name: 'chaos.pong', payload: { for: '{{ firing.id }}' } }],
    onResolve: [{ type: 'emit-event', name: 'chaos.pong', payload: { for: '{{ firing.id }}' } }],
  },
];

export async function prepareAutomations({ client }: System, { url }: Receiver): Promise<void> {
  const { channel } = await client.notifications.create.mutate({ name: 'chaos', target: { kind: 'webhook', url: `${url}/told` } });
  for (const rule of rulesOf(url, channel.name)) await client.automations.create.mutate(rule);
}

export type Emitter = { stop(): Promise<void> };

/** Emits events by and by until it is stopped. One whose answer was lost may come twice: what counts is what is in the feed. */
export function startEmitter(system: System, random: Random): Emitter {
  const clients = system.urls.map((url) => createClient({ url, apiKey: system.apiKey }));
  const over = new AbortController();
  let things = 0;
  const emit = async (...names: string[]) => {
    const id = `thing:${things++}`;
    const events = names.map((name) => ({ name, resource: { id } }));
    await random
      .pick(clients)
      .events.emit.mutate({ events }, { signal: AbortSignal.timeout(REQUEST_MS) })
      .catch(() => {});
  };
  const looping = (async () => {
    while (!over.signal.aborted) {
      const kind = random.int(1, 10);
      if (kind <= 4) await emit('chaos.ping');
      else if (kind <= 5) await emit('chaos.go');
      else if (kind <= 8) await emit(random.pick(['chaos.left', 'chaos.right']));
      else await emit('chaos.begin', ...(random.chance(50) ? ['chaos.end'] : []));
      await pause(random.int(...EMIT_EVERY_MS), over.signal);
    }
  })();
  return {
    async stop() {
      over.abort();
      await looping;
    },
  };
}

type Rule = { readonly name: string; readonly trigger: Trigger; readonly sincePosition: string; readonly sinceAt: Date } & Record<
  'onTrigger' | 'onResolve',
  readonly { readonly type: string }[]
>;
type FiringRow = {
  readonly id: string;
  readonly rule: string;
  readonly kind: 'triggered' | 'resolved';
  readonly key: string[];
  readonly position: string | null;
};

/** What there is, and what should be: the pure machine over the feed as it is, restarted by nobody. */
export async function readAutomations(system: System, receiver: Receiver): Promise<SeenAutomations> {
  const rules = await system.sql<Rule>(
    `SELECT name, trigger, since_position::text AS "sincePosition", since_at AS "sinceAt", on_trigger AS "onTrigger", on_resolve AS "onResolve" FROM automation`,
  );
  const events = await readChaosEvents(system);
  const firings = await system.sql<FiringRow>(
    `SELECT f.id, a.name AS rule, f.kind, f.key, f.event->>'position' AS position FROM automation_firing f JOIN automation a ON a.id = f.automation_id`,
  );
  const actions = await system.sql<SeenAutomations['actions'][number]>(
    `SELECT id, firing_id AS firing, action->>'type' AS type, status FROM automation_action`,
  );
  const runs = await system.sql<{ id: string; name: string }>(`SELECT id::text AS id, name FROM run WHERE created_by = 'automation'`);
  const effects = new Map<string, Set<string>>();
  const add = (type: string, firing: string, id: string) => {
    const key = effectKey(type, toUuid('automationFiring', firing));
    effects.set(key, (effects.get(key) ?? new Set()).add(id));
  };
  for (const { name, position, payload } of events) if (name === 'chaos.pong') add('emit-event', String(payload['for']), String(position));
  for (const { id, name } of runs) add('run-deployment', name, id);
  for (const [key, ids] of receiver.taken) {
    const [path = '', firing = ''] = key.split(' ');
    for (const id of ids) add(path === '/hook' ? 'call-webhook' : 'send-notification', firing, id);
  }
  const ofEvents = rules.filter((rule): rule is Rule & { trigger: EventsTrigger } => isEventsTrigger(rule.trigger));
  return {
    expected: new Map(ofEvents.map((rule) => [rule.name, expectedOf(rule, events)])),
    edges: new Set(rules.filter(({ trigger }) => !isEventsTrigger(trigger)).map(({ name }) => name)),
    firings: firings.map(({ id, rule, kind, key, position }) => ({
      id,
      rule,
      kind,
      mark: key.length > 0 ? key.join() : `event ${position}`,
    })),
    actionsOf: new Map(
      rules.map(({ name, onTrigger, onResolve }) => [name, { triggered: typesOf(onTrigger), resolved: typesOf(onResolve) }]),
    ),
    actions,
    effects,
  };
}

const typesOf = (actions: readonly { readonly type: string }[]) => actions.map(({ type }) => type);

function expectedOf({ trigger, sincePosition, sinceAt }: Rule & { trigger: EventsTrigger }, events: readonly Event[]): string[] {
  const own = events.filter(({ position }) => position > Number(sincePosition));
  // A deadline that is not over yet may have come: those of the time since are waited for.
  return replay(trigger, own, { fromMs: sinceAt.getTime(), toMs: Date.now() }).map(({ key, event }) => {
    const labels = key === '' ? [] : (JSON.parse(key) as string[]);
    return labels.length > 0 ? labels.join() : `event ${event?.position}`;
  });
}

async function readChaosEvents(system: System): Promise<Event[]> {
  const feed = await system.sql<
    Omit<Event, 'position' | 'occurredAt' | 'receivedAt'> & { position: string; occurredAt: Date; receivedAt: Date }
  >(
    `SELECT position::text AS position, id, name, occurred_at AS "occurredAt", received_at AS "receivedAt", resource, related, payload, follows
       FROM event WHERE name LIKE 'chaos.%' ORDER BY event.position`,
  );
  return feed.map((event) => ({
    ...event,
    position: Number(event.position),
    occurredAt: event.occurredAt.toISOString(),
    receivedAt: event.receivedAt.toISOString(),
  }));
}
