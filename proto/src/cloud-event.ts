/** Events as CloudEvents 1.0, for buses and functions that read those. @see https://github.com/cloudevents/spec */
import type { Event } from './api/events.ts';

export const CLOUD_EVENT_TYPE = 'application/cloudevents+json; charset=utf-8';

/** Structured mode; what is absent of the event is left out. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  /** URL of the control plane: with `id` it names the event for good. */
  readonly source: string;
  readonly type: string;
  /** Id of the resource. */
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** When it was received. */
  readonly recordedtime?: string;
  /** Place in the feed, 16 digits: sorts as text. */
  readonly sequence?: string;
  /** Id of the event that it follows. */
  readonly causationid?: string;
  readonly data: Pick<Event, 'resource' | 'related' | 'payload'>;
}

type Told = Pick<Event, 'id' | 'name' | 'occurredAt' | 'resource' | 'related' | 'payload'> &
  Partial<Pick<Event, 'position' | 'receivedAt' | 'follows'>>;

/** `url` of the control plane that tells it. */
export function cloudEventOf(event: Told, url: string): CloudEvent {
  const { id, name, occurredAt, resource, related, payload, position, receivedAt, follows } = event;
  return {
    specversion: '1.0',
    id,
    source: url.replace(/\/+$/, ''),
    type: name,
    subject: resource['id'] ?? '',
    time: occurredAt,
    datacontenttype: 'application/json',
    ...(receivedAt ? { recordedtime: receivedAt } : {}),
    ...(position === undefined ? {} : { sequence: String(position).padStart(16, '0') }),
    ...(follows ? { causationid: follows } : {}),
    data: { resource, related, payload },
  };
}
