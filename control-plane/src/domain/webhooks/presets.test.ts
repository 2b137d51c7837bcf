import type { WebhookPreset } from '@signalbox/proto/api';
import { describe, expect, test } from 'vitest';
import { type HookRequest, handshakeOf, hookedBy } from './presets.ts';

const request = (body: unknown, headers: Record<string, string> = {}, method = 'POST'): HookRequest => ({
  method,
  headers,
  query: {},
  body,
});
const made = (preset: WebhookPreset, body: unknown, headers = {}) => {
  const { events, key } = hookedBy(preset, request(body, headers), 'my hook');
  return { key, events: events.map(({ name, resource, occurredAt }) => [name, resource['id'], occurredAt]) };
};

describe('a request of', () => {
  test('anybody is an event of the webhook with its body', () => {
    const { events, key } = hookedBy('generic', { ...request({ a: 1 }, { 'idempotency-key': 'k' }), query: { q: '2' } }, 'My hook!');
    expect(events).toEqual([
      {
        name: 'hook.my-hook',
        resource: { id: 'webhook/My hook!', method: 'POST' },
        payload: { a: 1, query: { q: '2' } },
        occurredAt: null,
      },
    ]);
    expect(key).toBe('k');
    expect(hookedBy('generic', request('text'), 'x').events[0]?.payload).toEqual({ body: 'text' });
  });

  test.each([
    [
      'GitHub',
      'github',
      { action: 'opened', repository: { full_name: 'acme/app' }, sender: { login: 'ada' } },
      { 'x-github-event': 'pull_request', 'x-github-delivery': 'd-1' },
      { key: 'd-1', events: [['github.pull_request.opened', 'github://acme/app', null]] },
    ],
    [
      'GitLab',
      'gitlab',
      { object_kind: 'merge_request', project: { path_with_namespace: 'acme/app' }, object_attributes: { action: 'merge' } },
      { 'idempotency-key': 'k' },
      { key: 'k', events: [['gitlab.merge_request.merge', 'gitlab://acme/app', null]] },
    ],
    [
      'Stripe',
      'stripe',
      { id: 'evt_1', type: 'charge.failed', created: 1_767_225_600, data: { object: { object: 'charge', id: 'ch_1' } } },
      {},
      { key: 'evt_1', events: [['stripe.charge.failed', 'stripe://charge/ch_1', '2026-01-01T00:00:00.000Z']] },
    ],
    [
      'S3 through SNS',
      'aws',
      {
        Type: 'Notification',
        TopicArn: 'arn:aws:sns:eu-west-1:1:t',
        MessageId: 'm-1',
        Message: JSON.stringify({
          Records: [
            {
              eventName: 'ObjectCreated:Put',
              eventTime: '2026-01-01T00:00:00.000Z',
              s3: { bucket: { name: 'in' }, object: { key: 'a+b%2Fc.csv' } },
            },
            { eventName: 'ObjectRemoved:Delete', s3: { bucket: { name: 'in' }, object: { key: 'd' } } },
          ],
        }),
      },
      {},
      {
        key: 'm-1',
        events: [
          ['s3.ObjectCreated.Put', 's3://in/a b/c.csv', '2026-01-01T00:00:00.000Z'],
          ['s3.ObjectRemoved.Delete', 's3://in/d', null],
        ],
      },
    ],
    [
      'SNS',
      'aws',
      { TopicArn: 'arn:t', MessageId: 'm', Message: 'hello', Timestamp: '2026-01-01T00:00:00.000Z' },
      {},
      { key: 'm', events: [['sns.notification', 'arn:t', '2026-01-01T00:00:00.000Z']] },
    ],
    [
      'Slack',
      'slack',
      { type: 'event_callback', team_id: 'T1', event_id: 'Ev1', event_time: 1_767_225_600, event: { type: 'app_mention', channel: 'C1' } },
      {},
      { key: 'Ev1', events: [['slack.app_mention', 'slack://T1/C1', '2026-01-01T00:00:00.000Z']] },
    ],
    [
      'a command of Slack',
      'slack',
      { command: '/deploy', team_id: 'T1', channel_id: 'C1', trigger_id: 't' },
      {},
      { key: 't', events: [['slack.command.deploy', 'slack://T1/C1', null]] },
    ],
    [
      'Alertmanager, an event an alert',
      'alertmanager',
      {
        alerts: [
          { status: 'firing', fingerprint: 'f1', labels: { alertname: 'Down' }, startsAt: '2026-01-01T00:00:00Z' },
          { status: 'resolved', fingerprint: 'f2', labels: {}, endsAt: '2026-01-02T00:00:00Z' },
        ],
      },
      {},
      {
        key: null,
        events: [
          ['alertmanager.firing', 'alert/f1', '2026-01-01T00:00:00.000Z'],
          ['alertmanager.resolved', 'alert/f2', '2026-01-02T00:00:00.000Z'],
        ],
      },
    ],
    [
      'CloudEvents, binary',
      'cloudevents',
      { rows: 2 },
      { 'ce-type': 'com.acme.loaded', 'ce-source': '/warehouse', 'ce-id': '7', 'ce-subject': 'orders', 'ce-time': '2026-01-01T00:00:00Z' },
      { key: '/warehouse 7', events: [['com.acme.loaded', '/warehouse/orders', '2026-01-01T00:00:00.000Z']] },
    ],
    [
      'CloudEvents, structured',
      'cloudevents',
      { type: 'a.b', source: 's', id: '1', data: 5 },
      {},
      { key: 's 1', events: [['a.b', 's', null]] },
    ],
    [
      'CloudEvents, a batch',
      'cloudevents',
      [
        { type: 'a', source: 's', id: '1' },
        { type: 'b', source: 's', id: '2' },
      ],
      {},
      {
        key: null,
        events: [
          ['a', 's', null],
          ['b', 's', null],
        ],
      },
    ],
  ] as const)('%s', (_, preset, body, headers, expected) => {
    expect(made(preset, body, headers)).toEqual(expected);
  });

  test.each(['generic', 'github', 'gitlab', 'stripe', 'aws', 'slack', 'alertmanager', 'cloudevents'] as const)(
    '%s that is nonsense throws nothing',
    (preset) => {
      for (const body of [null, 'x', 7, [], [null, 1], { alerts: [null] }, { Records: [{ s3: 1 }] }, { time: 'never', type: 5 }]) {
        for (const { name, resource } of hookedBy(preset, request(body), 'x').events)
          expect([name.length > 0, typeof resource['id']]).toEqual([true, 'string']);
      }
    },
  );

  test('anybody, too large for an event, loses its largest parts, which are named', () => {
    const [event] = hookedBy('generic', request({ small: 1, large: 'x'.repeat(100_000) }), 'x').events;
    expect(event?.payload).toEqual({ small: 1, leftOut: ['large'] });
  });

  test('a name that no event may have is made one', () => {
    expect(hookedBy('cloudevents', request({ type: '  héllo wörld ', source: 's' }), 'x').events[0]?.name).toBe('h-llo-w-rld-');
  });
});

describe('a handshake', () => {
  test.each([
    [
      'of CloudEvents',
      request(null, { 'webhook-request-origin': 'eventgrid.azure.net' }, 'OPTIONS'),
      { status: 200, headers: { 'webhook-allowed-origin': 'eventgrid.azure.net', 'webhook-allowed-rate': '120' }, body: null },
    ],
    [
      'of Slack',
      request({ type: 'url_verification', challenge: 'c' }),
      { status: 200, headers: { 'content-type': 'text/plain' }, body: 'c' },
    ],
    [
      'of Event Grid',
      request([{ data: { validationCode: 'v' } }], { 'aeg-event-type': 'SubscriptionValidation' }),
      { status: 200, headers: { 'content-type': 'application/json' }, body: '{"validationResponse":"v"}' },
    ],
    ['is no event of somebody', request({ type: 'x' }), null],
  ] as const)('%s', (_, asked, answer) => {
    expect(handshakeOf(asked)).toEqual(answer);
  });
});
