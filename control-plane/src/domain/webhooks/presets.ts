/** What the requests of each kind of sender become: names, things, payloads, and what the sender calls the request. Pure. */
import type { WebhookPreset } from '@signalbox/proto/api';

/** A request, its headers in lower case. `body`: JSON, the fields of a form, or the text as it came. */
export type HookRequest = {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
};
export type HookEvent = {
  readonly name: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly payload: Readonly<Record<string, unknown>>;
  /** ISO-8601, where the sender says when. */
  readonly occurredAt: string | null;
};
export type Hooked = {
  readonly events: readonly HookEvent[];
  /** The sender's own id of the request; null: it has none. */
  readonly key: string | null;
};
/** What a sender asks before it sends anything: the answer it wants. */
export type Handshake = { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string | null };

type Json = Readonly<Record<string, unknown>>;
type Preset = (request: HookRequest, webhook: string) => Hooked;

/** Events of one request. */
const EVENTS_MAX = 100;

/** `webhook`: name of the webhook, for senders that name nothing. */
export function hookedBy(preset: WebhookPreset, request: HookRequest, webhook: string): Hooked {
  const { events, key } = PRESETS[preset](request, webhook);
  return { events: events.slice(0, EVENTS_MAX).map(bounded), key: key === null ? null : key.slice(0, 500) };
}

const PRESETS: Readonly<Record<WebhookPreset, Preset>> = { generic, github, gitlab, stripe, aws, slack, alertmanager, cloudevents };

function generic({ method, headers, query, body }: HookRequest, webhook: string): Hooked {
  const payload = isObject(body) ? body : { body };
  const name = `hook.${wordOf(webhook)}`;
  return {
    events: [
      {
        name,
        resource: { id: `webhook/${webhook}`, method },
        payload: { ...payload, ...(Object.keys(query).length > 0 ? { query } : {}) },
        occurredAt: null,
      },
    ],
    key: headers['webhook-id'] ?? headers['idempotency-key'] ?? null,
  };
}

/** @see https://docs.github.com/webhooks/webhook-events-and-payloads */
function github({ headers, body }: HookRequest): Hooked {
  const payload = objectOf(body);
  const repository = textAt(payload, 'repository', 'full_name') ?? textAt(payload, 'organization', 'login') ?? 'unknown';
  const name = ['github', headers['x-github-event'] ?? 'unknown', textAt(payload, 'action')].filter(Boolean).join('.');
  const labels = {
    id: `github://${repository}`,
    ...label('ref', textAt(payload, 'ref')),
    ...label('sender', textAt(payload, 'sender', 'login')),
  };
  return { events: [{ name, resource: labels, payload, occurredAt: null }], key: headers['x-github-delivery'] ?? null };
}

/** @see https://docs.gitlab.com/user/project/integrations/webhook_events */
function gitlab({ headers, body }: HookRequest): Hooked {
  const payload = objectOf(body);
  const kind = textAt(payload, 'object_kind') ?? textAt(payload, 'event_name') ?? 'unknown';
  const name = ['gitlab', kind, textAt(payload, 'object_attributes', 'action')].filter(Boolean).join('.');
  const project = textAt(payload, 'project', 'path_with_namespace') ?? 'unknown';
  const labels = { id: `gitlab://${project}`, ...label('ref', textAt(payload, 'ref') ?? textAt(payload, 'object_attributes', 'ref')) };
  return {
    events: [{ name, resource: labels, payload, occurredAt: null }],
    key: headers['idempotency-key'] ?? headers['x-gitlab-event-uuid'] ?? headers['webhook-id'] ?? null,
  };
}

/** @see https://docs.stripe.com/api/events/object */
function stripe({ body }: HookRequest): Hooked {
  const payload = objectOf(body);
  const object = objectOf(objectOf(payload['data'])['object']);
  const created = payload['created'];
  return {
    events: [
      {
        name: `stripe.${textAt(payload, 'type') ?? 'unknown'}`,
        resource: { id: `stripe://${textAt(object, 'object') ?? 'object'}/${textAt(object, 'id') ?? 'unknown'}` },
        payload,
        occurredAt: typeof created === 'number' ? instantOf(created * 1_000) : null,
      },
    ],
    key: textAt(payload, 'id') ?? null,
  };
}

/** Notifications of SNS; those of S3 inside them, or as they are, are events of their objects. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
function aws({ body }: HookRequest): Hooked {
  const outer = objectOf(body);
  const isSns = typeof outer['TopicArn'] === 'string';
  const inner = isSns ? parsed(outer['Message']) : outer;
  const key = textAt(outer, 'MessageId') ?? null;
  const records = objectOf(inner)['Records'];
  if (Array.isArray(records) && records.some((record) => objectOf(record)['s3'])) return { events: records.map(objectOf).map(ofS3), key };
  const source = textAt(objectOf(inner), 'source');
  // EventBridge, by an API destination or through a topic.
  if (source && textAt(objectOf(inner), 'detail-type')) {
    const event = objectOf(inner);
    return {
      events: [
        {
          name: `${wordOf(source)}.${wordOf(textAt(event, 'detail-type') ?? '')}`,
          resource: { id: `aws://${source}`, ...label('region', textAt(event, 'region')) },
          payload: event,
          occurredAt: isoOf(event['time']),
        },
      ],
      key: key ?? textAt(event, 'id') ?? null,
    };
  }
  return {
    events: [
      {
        name: 'sns.notification',
        resource: { id: textAt(outer, 'TopicArn') ?? 'unknown', ...label('subject', textAt(outer, 'Subject')) },
        payload: isObject(inner) ? inner : { message: inner },
        occurredAt: isoOf(outer['Timestamp']),
      },
    ],
    key,
  };
}

function ofS3(record: Json): HookEvent {
  const s3 = objectOf(record['s3']);
  const key = textAt(s3, 'object', 'key') ?? '';
  const bucket = textAt(s3, 'bucket', 'name') ?? 'unknown';
  return {
    name: `s3.${(textAt(record, 'eventName') ?? 'unknown').replaceAll(':', '.')}`,
    resource: { id: `s3://${bucket}/${decoded(key)}`, bucket },
    payload: record,
    occurredAt: isoOf(record['eventTime']),
  };
}

/** @see https://docs.slack.dev/apis/events-api */
function slack({ body }: HookRequest): Hooked {
  const payload = objectOf(body);
  const command = textAt(payload, 'command');
  const team = textAt(payload, 'team_id') ?? 'unknown';
  if (command)
    return {
      events: [
        {
          name: `slack.command.${wordOf(command)}`,
          resource: { id: `slack://${team}/${textAt(payload, 'channel_id') ?? ''}` },
          payload,
          occurredAt: null,
        },
      ],
      key: textAt(payload, 'trigger_id') ?? null,
    };
  const event = objectOf(payload['event']);
  const seconds = payload['event_time'];
  return {
    events: [
      {
        name: `slack.${wordOf(textAt(event, 'type') ?? textAt(payload, 'type') ?? 'unknown')}`,
        resource: { id: `slack://${team}/${textAt(event, 'channel') ?? ''}` },
        payload: Object.keys(event).length > 0 ? event : payload,
        occurredAt: typeof seconds === 'number' ? instantOf(seconds * 1_000) : null,
      },
    ],
    key: textAt(payload, 'event_id') ?? null,
  };
}

/** An event an alert. @see https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
function alertmanager({ body }: HookRequest): Hooked {
  const payload = objectOf(body);
  const alerts = Array.isArray(payload['alerts']) ? payload['alerts'].map(objectOf) : [];
  return {
    // It sends the same alert again while it lasts: nothing of it names a request.
    key: null,
    events: alerts.map((alert) => {
      const labels = Object.fromEntries(
        Object.entries(objectOf(alert['labels'])).filter(([, value]) => typeof value === 'string'),
      ) as Record<string, string>;
      const status = textAt(alert, 'status') === 'resolved' ? 'resolved' : 'firing';
      return {
        name: `alertmanager.${status}`,
        resource: { ...labels, id: `alert/${textAt(alert, 'fingerprint') ?? labels['alertname'] ?? 'unknown'}` },
        payload: alert,
        occurredAt: isoOf(alert[status === 'resolved' ? 'endsAt' : 'startsAt']),
      };
    }),
  };
}

/** Binary, structured or in a batch. @see https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md */
function cloudevents({ headers, body }: HookRequest): Hooked {
  if (headers['ce-type'] !== undefined) {
    const attributes = Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (name.startsWith('ce-') ? [[name.slice(3), decoded(value)]] : [])),
    );
    return { events: [ofCloudEvent({ ...attributes, data: body })], key: cloudKey(attributes) };
  }
  const all = (Array.isArray(body) ? body : [body]).map(objectOf);
  return { events: all.map(ofCloudEvent), key: all.length === 1 ? cloudKey(all[0] ?? {}) : null };
}

function ofCloudEvent(event: Json): HookEvent {
  const data = event['data'];
  const subject = textAt(event, 'subject');
  const source = textAt(event, 'source') ?? 'unknown';
  return {
    name: textAt(event, 'type') ?? 'unknown',
    resource: { id: subject ? `${source.replace(/\/$/, '')}/${subject}` : source, source, ...label('subject', subject) },
    payload: isObject(data) ? data : data === undefined ? {} : { data },
    occurredAt: isoOf(event['time']),
  };
}

const cloudKey = (event: Json): string | null => (textAt(event, 'id') ? `${textAt(event, 'source') ?? ''} ${textAt(event, 'id')}` : null);

/** The answer to a sender that asks whether this address is ours; null: it sends something. SNS is confirmed elsewhere: by a request of ours. */
export function handshakeOf({ method, headers, body }: HookRequest): Handshake | null {
  // @see https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md
  const origin = headers['webhook-request-origin'];
  if (method === 'OPTIONS')
    return { status: 200, headers: origin ? { 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '120' } : {}, body: null };
  const payload = objectOf(Array.isArray(body) ? body[0] : body);
  const challenge = textAt(payload, 'challenge');
  if (textAt(payload, 'type') === 'url_verification' && challenge)
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: challenge.slice(0, 500) };
  const code = textAt(objectOf(payload['data']), 'validationCode');
  if (headers['aeg-event-type'] === 'SubscriptionValidation' && code)
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ validationResponse: code.slice(0, 500) }),
    };
  return null;
}

/** Bytes of a payload as JSON; an event is at most 64 KB. */
const PAYLOAD_MAX = 56 * 1024;

/** Within the bounds of an event: the largest parts of a payload are left out until it fits, and named. */
function bounded({ name, resource, payload, occurredAt }: HookEvent): HookEvent {
  const kept = { ...payload };
  const sizes = Object.entries(kept).map(([key, value]) => ({ key, size: (JSON.stringify(value) ?? '').length + key.length + 4 }));
  let total = sizes.reduce((sum, { size }) => sum + size, 0);
  const leftOut: string[] = [];
  for (const { key, size } of sizes.toSorted((a, b) => b.size - a.size)) {
    if (total <= PAYLOAD_MAX) break;
    delete kept[key];
    leftOut.push(key);
    total -= size;
  }
  const labels = Object.fromEntries(
    Object.entries(resource)
      .slice(0, 50)
      .map(([key, value]) => [key.slice(0, 200), value.slice(0, 2_000)]),
  );
  return {
    name:
      name
        .replace(/[^A-Za-z0-9._:/-]+/g, '-')
        .replace(/^[^A-Za-z0-9]+/, '')
        .slice(0, 200) || 'unknown',
    resource: labels,
    payload: leftOut.length > 0 ? { ...kept, leftOut } : kept,
    occurredAt,
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
const objectOf = (value: unknown): Json => (isObject(value) ? value : {});

function textAt(object: Json, ...path: string[]): string | undefined {
  const value = path.reduce<unknown>((at, key) => objectOf(at)[key], object);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
const label = (name: string, value: string | undefined): Record<string, string> => (value === undefined ? {} : { [name]: value });
const wordOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, '-')
    .replace(/^-+|-+$/g, '') || 'unnamed';
const instantOf = (ms: number): string | null => isoOf(new Date(ms));

/** An instant as ISO-8601 in UTC; null for what is none. */
function isoOf(value: unknown): string | null {
  const date = new Date(value instanceof Date || typeof value === 'string' ? value : Number.NaN);
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1970 ? null : date.toISOString();
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
