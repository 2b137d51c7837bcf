import type { Severity } from '@signalbox/proto/api';
import { describe, expect, test } from 'vitest';
import { mailOf, messageOf } from './message.ts';
import { clip, digestOf, type Notice } from './notice.ts';
import { endOfQuiet } from './quiet-hours.ts';

const NOTICE: Notice = {
  id: 'dlv_1',
  subject: 'weather/daily failed',
  body: 'Error: <!channel> & co',
  severity: 'high',
  fingerprint: 'weather/daily',
  isRecovery: false,
  occurrences: 3,
  at: new Date('2026-01-02T03:04:05Z'),
  link: 'https://signalbox.example/runs/1',
};
const OVER: Notice = { ...NOTICE, isRecovery: true };

describe('a message', () => {
  test('for Slack is an attachment of blocks in which no text is a mention', () => {
    expect(messageOf({ kind: 'slack', url: 'https://hooks.slack.com/services/T/B/x' }, NOTICE)).toEqual({
      url: 'https://hooks.slack.com/services/T/B/x',
      headers: {},
      body: {
        text: 'weather/daily failed',
        attachments: [
          {
            color: '#dc2626',
            blocks: [
              { type: 'header', text: { type: 'plain_text', text: 'weather/daily failed', emoji: false } },
              { type: 'section', text: { type: 'mrkdwn', text: 'Error: &lt;!channel&gt; &amp; co' } },
              { type: 'context', elements: [{ type: 'mrkdwn', text: 'Signalbox: high, happened 3 times' }] },
              {
                type: 'actions',
                elements: [{ type: 'button', text: { type: 'plain_text', text: 'Open in Signalbox' }, url: NOTICE.link }],
              },
            ],
          },
        ],
      },
    });
  });

  test('for Teams is an adaptive card as workflows take it', () => {
    expect(messageOf({ kind: 'teams', url: 'https://x.logic.azure.com/y' }, OVER).body).toEqual({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          contentUrl: null,
          content: {
            $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
            type: 'AdaptiveCard',
            version: '1.4',
            msteams: { width: 'Full' },
            body: [
              { type: 'TextBlock', text: 'Over: weather/daily failed', weight: 'Bolder', size: 'Medium', color: 'Good', wrap: true },
              { type: 'TextBlock', text: 'Error: <!channel> & co', wrap: true },
              { type: 'TextBlock', text: 'Signalbox: recovery, happened 3 times', isSubtle: true, size: 'Small', wrap: true },
            ],
            actions: [{ type: 'Action.OpenUrl', title: 'Open in Signalbox', url: NOTICE.link }],
          },
        },
      ],
    });
  });

  test('for Discord is an embed that calls nobody', () => {
    expect(messageOf({ kind: 'discord', url: 'https://discord.com/api/webhooks/1/x' }, { ...NOTICE, body: '', link: null }).body).toEqual({
      embeds: [
        {
          title: 'weather/daily failed',
          color: 0xdc2626,
          timestamp: '2026-01-02T03:04:05.000Z',
          footer: { text: 'Signalbox: high, happened 3 times' },
        },
      ],
      allowed_mentions: { parse: [] },
    });
  });

  test.each([
    ['minor', 'info', 'P5'],
    ['low', 'warning', 'P4'],
    ['moderate', 'warning', 'P3'],
    ['high', 'error', 'P2'],
    ['critical', 'critical', 'P1'],
  ] as const)('that is %s is %s for PagerDuty and %s for Opsgenie', (severity: Severity, pagerDuty, priority) => {
    const of = { ...NOTICE, severity };
    expect(messageOf({ kind: 'pagerduty', routingKey: 'R'.repeat(32), region: 'eu' }, of)).toEqual({
      url: 'https://events.eu.pagerduty.com/v2/enqueue',
      headers: {},
      body: {
        routing_key: 'R'.repeat(32),
        dedup_key: 'weather/daily',
        event_action: 'trigger',
        client: 'Signalbox',
        client_url: NOTICE.link,
        links: [{ href: NOTICE.link, text: 'Open in Signalbox' }],
        payload: {
          summary: 'weather/daily failed',
          source: 'signalbox',
          severity: pagerDuty,
          timestamp: '2026-01-02T03:04:05.000Z',
          custom_details: { body: NOTICE.body, occurrences: 3 },
        },
      },
    });
    expect(messageOf({ kind: 'opsgenie', apiKey: 'key-of-eight', region: 'us' }, of)).toEqual({
      url: 'https://api.opsgenie.com/v2/alerts',
      headers: { authorization: 'GenieKey key-of-eight' },
      body: {
        message: 'weather/daily failed',
        alias: 'weather/daily',
        description: NOTICE.body,
        priority,
        source: 'Signalbox',
        details: { occurrences: '3', link: NOTICE.link },
      },
    });
  });

  test('of a recovery resolves the incident of PagerDuty and closes the alert of Opsgenie, by the same key', () => {
    expect(messageOf({ kind: 'pagerduty', routingKey: 'R'.repeat(32), region: 'us' }, OVER).body).toEqual({
      routing_key: 'R'.repeat(32),
      dedup_key: 'weather/daily',
      event_action: 'resolve',
    });
    expect(messageOf({ kind: 'opsgenie', apiKey: 'key-of-eight', region: 'eu' }, OVER).url).toBe(
      'https://api.eu.opsgenie.com/v2/alerts/weather%2Fdaily/close?identifierType=alias',
    );
  });

  test('for a webhook says what it is, and its facts', () => {
    const { id, subject, body, severity, fingerprint, occurrences, link } = NOTICE;
    expect(messageOf({ kind: 'webhook', url: 'https://example.com' }, NOTICE).body).toEqual({
      type: 'notification.problem',
      timestamp: '2026-01-02T03:04:05.000Z',
      data: { id, subject, body, severity, fingerprint, occurrences, link },
    });
  });

  test('by mail has a subject of one line', () => {
    expect(mailOf({ ...NOTICE, subject: 'a\r\nBcc: all@example.com' })).toEqual({
      subject: 'a Bcc: all@example.com',
      text: 'Error: <!channel> & co\n\nSignalbox: high, happened 3 times\n\nhttps://signalbox.example/runs/1',
    });
  });

  test('stays within the bounds of each kind, and cuts no character in half', () => {
    const long = { ...NOTICE, subject: '🚂'.repeat(2_000), body: 'x'.repeat(20_000) };
    const slack = messageOf({ kind: 'slack', url: 'https://x.example' }, long).body as {
      attachments: { blocks: { text: { text: string } }[] }[];
    };
    expect(slack.attachments[0]?.blocks.slice(0, 2).map(({ text }) => text.text.length)).toEqual([149, 3_000]);
    expect(clip('a🚂b', 3)).toBe('a…');
    expect(clip('abc', 3)).toBe('abc');
  });
});

describe('a digest', () => {
  test('has a line each, the worst severity, and says what is over', () => {
    const digest = digestOf([
      NOTICE,
      { ...NOTICE, id: 'dlv_2', severity: 'low', occurrences: 1 },
      { ...OVER, severity: 'critical', occurrences: 1 },
    ]);
    expect(digest).toMatchObject({
      id: 'dlv_1',
      subject: '3 notifications, 1 of them recoveries',
      severity: 'high',
      isRecovery: false,
      body: '- high: weather/daily failed (3 times)\n- low: weather/daily failed\n- over: weather/daily failed',
    });
  });

  test('of one is that one, and of many says how many are left out', () => {
    expect(digestOf([NOTICE])).toBe(NOTICE);
    expect(
      digestOf(Array.from({ length: 25 }, () => NOTICE))
        .body.split('\n')
        .at(-1),
    ).toBe('and 5 more');
  });
});

describe('quiet hours', () => {
  const night = { timezone: 'Europe/Berlin', from: '22:00', to: '07:00' };
  const noon = { timezone: 'UTC', from: '12:00', to: '13:30' };
  test.each([
    ['before midnight', night, '2026-01-10T21:30:00Z', '2026-01-11T06:00:00.000Z'],
    ['after midnight', night, '2026-01-11T02:00:00Z', '2026-01-11T06:00:00.000Z'],
    ['at their begin', night, '2026-01-10T21:00:00Z', '2026-01-11T06:00:00.000Z'],
    ['at their end', night, '2026-01-11T06:00:00Z', null],
    ['by day', night, '2026-01-11T12:00:00Z', null],
    ['across the night the clock goes forward', night, '2026-03-28T22:00:00Z', '2026-03-29T05:00:00.000Z'],
    ['within a day', noon, '2026-01-11T13:29:59Z', '2026-01-11T13:30:00.000Z'],
    ['after those within a day', noon, '2026-01-11T13:30:00Z', null],
    [
      'that end in a gap of the clock, at its end',
      { timezone: 'Europe/Berlin', from: '01:00', to: '02:30' },
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:00:00.000Z',
    ],
  ] as const)('%s', (_, quiet, now, end) => {
    expect(endOfQuiet(new Date(now), quiet)?.toISOString() ?? null).toBe(end);
  });
});
