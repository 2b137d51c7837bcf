/** A notice in the words of each kind of channel: the request that tells it. Pure; shapes are those that the makers document. */
import type { ChannelTarget, Severity } from '@signalbox/proto/api';
import { clip, type Notice } from './notice.ts';

/** A POST of JSON. */
export type Message = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
};
type Told = Exclude<ChannelTarget, { kind: 'email' }>;

const RGB: Readonly<Record<Severity, number>> = {
  minor: 0x6b7280,
  low: 0x2563eb,
  moderate: 0xd97706,
  high: 0xdc2626,
  critical: 0x991b1b,
};
const RECOVERED_RGB = 0x16a34a;

/** What is sent for a notice. The keys of a webhook's signature are added where it is sent. */
export function messageOf(target: Told, notice: Notice): Message {
  switch (target.kind) {
    case 'slack':
      return { url: target.url, headers: {}, body: slackBody(notice) };
    case 'teams':
      return { url: target.url, headers: {}, body: teamsBody(notice) };
    case 'discord':
      return { url: target.url, headers: {}, body: discordBody(notice) };
    case 'pagerduty':
      return {
        url: target.region === 'eu' ? 'https://events.eu.pagerduty.com/v2/enqueue' : 'https://events.pagerduty.com/v2/enqueue',
        headers: {},
        body: pagerDutyBody(target.routingKey, notice),
      };
    case 'opsgenie':
      return opsgenieMessage(target, notice);
    case 'webhook':
      return { url: target.url, headers: {}, body: webhookBody(notice) };
  }
}

/** Subject and text of a mail; no line of a notice becomes a header. */
export function mailOf(notice: Notice): { subject: string; text: string } {
  const subject = clip(titleOf(notice).replace(/[\r\n]+/g, ' '), 200);
  return { subject, text: [notice.body, contextOf(notice), notice.link].filter(Boolean).join('\n\n') };
}

/** @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and the limits of blocks */
function slackBody(notice: Notice) {
  return {
    // Of notices on a phone, and of readers that know no blocks.
    text: slackText(clip(titleOf(notice), 300)),
    attachments: [
      {
        color: `#${rgbOf(notice).toString(16).padStart(6, '0')}`,
        blocks: [
          { type: 'header', text: { type: 'plain_text', text: clip(titleOf(notice), 150), emoji: false } },
          ...(notice.body ? [{ type: 'section', text: { type: 'mrkdwn', text: clip(slackText(notice.body), 3_000) } }] : []),
          { type: 'context', elements: [{ type: 'mrkdwn', text: slackText(contextOf(notice)) }] },
          ...(notice.link
            ? [
                {
                  type: 'actions',
                  elements: [{ type: 'button', text: { type: 'plain_text', text: 'Open in Signalbox' }, url: notice.link }],
                },
              ]
            : []),
        ],
      },
    ],
  };
}

/** Nothing of a text is a mention or a link. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** @see https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using (workflows: adaptive cards) */
function teamsBody(notice: Notice) {
  const color = notice.isRecovery
    ? 'Good'
    : { minor: 'Default', low: 'Accent', moderate: 'Warning', high: 'Attention', critical: 'Attention' }[notice.severity];
  return {
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
            { type: 'TextBlock', text: clip(titleOf(notice), 300), weight: 'Bolder', size: 'Medium', color, wrap: true },
            ...(notice.body ? [{ type: 'TextBlock', text: clip(notice.body, 8_000), wrap: true }] : []),
            { type: 'TextBlock', text: contextOf(notice), isSubtle: true, size: 'Small', wrap: true },
          ],
          actions: notice.link ? [{ type: 'Action.OpenUrl', title: 'Open in Signalbox', url: notice.link }] : [],
        },
      },
    ],
  };
}

/** @see https://discord.com/developers/docs/resources/webhook#execute-webhook */
function discordBody(notice: Notice) {
  return {
    embeds: [
      {
        title: clip(titleOf(notice), 256),
        ...(notice.body ? { description: clip(notice.body, 4_096) } : {}),
        ...(notice.link ? { url: notice.link } : {}),
        color: rgbOf(notice),
        timestamp: notice.at.toISOString(),
        footer: { text: contextOf(notice) },
      },
    ],
    // Nothing of a text calls anybody.
    allowed_mentions: { parse: [] },
  };
}

/** @see https://developer.pagerduty.com/docs/send-alert-event */
function pagerDutyBody(routingKey: string, notice: Notice) {
  const key = { routing_key: routingKey, dedup_key: notice.fingerprint ?? notice.id };
  if (notice.isRecovery) return { ...key, event_action: 'resolve' };
  return {
    ...key,
    event_action: 'trigger',
    client: 'Signalbox',
    ...(notice.link ? { client_url: notice.link, links: [{ href: notice.link, text: 'Open in Signalbox' }] } : {}),
    payload: {
      summary: clip(notice.subject, 1_024),
      source: 'signalbox',
      severity: ({ minor: 'info', low: 'warning', moderate: 'warning', high: 'error', critical: 'critical' } as const)[notice.severity],
      timestamp: notice.at.toISOString(),
      custom_details: { body: clip(notice.body, 10_000), occurrences: notice.occurrences },
    },
  };
}

/** @see https://docs.opsgenie.com/docs/alert-api */
function opsgenieMessage({ apiKey, region }: Extract<Told, { kind: 'opsgenie' }>, notice: Notice): Message {
  const base = region === 'eu' ? 'https://api.eu.opsgenie.com/v2/alerts' : 'https://api.opsgenie.com/v2/alerts';
  const headers = { authorization: `GenieKey ${apiKey}` };
  const alias = notice.fingerprint ?? notice.id;
  if (notice.isRecovery)
    return {
      url: `${base}/${encodeURIComponent(alias)}/close?identifierType=alias`,
      headers,
      body: { source: 'Signalbox', note: clip(notice.subject, 25_000) },
    };
  return {
    url: base,
    headers,
    body: {
      message: clip(notice.subject, 130),
      alias,
      description: clip(notice.body, 15_000),
      priority: { minor: 'P5', low: 'P4', moderate: 'P3', high: 'P2', critical: 'P1' }[notice.severity],
      source: 'Signalbox',
      details: { occurrences: String(notice.occurrences), ...(notice.link ? { link: notice.link } : {}) },
    },
  };
}

/** @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function webhookBody(notice: Notice) {
  const { id, subject, body, severity, fingerprint, occurrences, link, at } = notice;
  return {
    type: notice.isRecovery ? 'notification.recovery' : 'notification.problem',
    timestamp: at.toISOString(),
    data: { id, subject, body, severity, fingerprint, occurrences, link },
  };
}

function titleOf({ isRecovery, subject }: Notice): string {
  return isRecovery ? `Over: ${subject}` : subject;
}

function contextOf({ isRecovery, severity, occurrences }: Notice): string {
  const times = occurrences > 1 ? `, happened ${occurrences} times` : '';
  return `Signalbox: ${isRecovery ? 'recovery' : severity}${times}`;
}

function rgbOf({ isRecovery, severity }: Notice): number {
  return isRecovery ? RECOVERED_RGB : RGB[severity];
}
