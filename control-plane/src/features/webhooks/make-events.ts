/** What a request becomes: events that fit the bounds of events, or why it is none. */
import { type NewEvent, newEventSchema, type WebhookPreset, type WebhookTemplate } from '@signalbox/proto/api';
import { type HookEvent, type HookRequest, hookedBy } from '../../domain/webhooks/presets.ts';
import { issuesOf } from '../../platform/classify-error.ts';
import { describeIssue } from '../../platform/errors.ts';
import { unstorableAt } from '../../platform/storable.ts';
import type { Allowance } from '../../platform/templates.ts';
import { eventBy } from './template.ts';

type Webhook = { readonly name: string; readonly preset: WebhookPreset; readonly template: WebhookTemplate | null };
export type Made = { readonly events: readonly HookEvent[]; readonly key: string | null; readonly problem: string | null };

/** `allowed`: what its templates may take. */
export function makeEvents(webhook: Webhook, request: HookRequest, allowed: Allowance): Made {
  const hooked = hookedBy(webhook.preset, request, webhook.name);
  try {
    const { template } = webhook;
    const events = template ? [eventBy(template, request, hooked.events[0] ?? null, allowed)] : hooked.events;
    if (events.length === 0) return { ...hooked, events, problem: 'there is no event in it' };
    return { events, key: hooked.key, problem: events.map(problemOf).find((problem) => problem !== null) ?? null };
  } catch (error) {
    return { events: [], key: hooked.key, problem: (error as Error).message };
  }
}

function problemOf({ occurredAt, ...event }: HookEvent): string | null {
  const unstorable = unstorableAt(event);
  if (unstorable !== null) return `${unstorable || 'event'}: expected text without NUL and without half a surrogate pair`;
  const parsed = newEventSchema.safeParse({ ...event, ...(occurredAt ? { occurredAt } : {}) } satisfies NewEvent);
  if (parsed.success) return null;
  const [issue] = issuesOf(parsed.error, event);
  return issue ? describeIssue(issue) : 'it is no event';
}

/** Fields of a body by its content type: JSON, a form, or the text as it is. Anything that calls itself JSON and is none is a text. */
export function readBody(text: string, contentType: string): unknown {
  if (text === '') return null;
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) {
    const fields = Object.fromEntries(new URLSearchParams(text));
    // Slack's buttons send their JSON in a field of a form.
    return typeof fields['payload'] === 'string' ? (jsonOf(fields['payload']) ?? fields) : fields;
  }
  // SNS calls its JSON a text.
  return jsonOf(text) ?? text;
}

function jsonOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
