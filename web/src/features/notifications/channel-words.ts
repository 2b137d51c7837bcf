import type { ChannelKind } from '@signalbox/proto/api';

/** What people call a kind, and the one thing it needs. */
export const CHANNEL_WORDS: Readonly<Record<ChannelKind, { name: string; needs: string; hint: string; placeholder: string }>> = {
  slack: {
    name: 'Slack',
    needs: 'Webhook URL',
    hint: 'Of an app with incoming webhooks.',
    placeholder: 'https://hooks.slack.com/services/...',
  },
  teams: {
    name: 'Microsoft Teams',
    needs: 'Workflow URL',
    hint: 'Of the workflow "Post to a channel when a webhook request is received".',
    placeholder: 'https://....logic.azure.com/workflows/...',
  },
  discord: {
    name: 'Discord',
    needs: 'Webhook URL',
    hint: 'Channel settings, Integrations, Webhooks.',
    placeholder: 'https://discord.com/api/webhooks/...',
  },
  pagerduty: { name: 'PagerDuty', needs: 'Integration key', hint: 'Of an integration "Events API v2" of the service.', placeholder: '' },
  opsgenie: { name: 'Opsgenie', needs: 'API key', hint: 'Of an integration "API" of the team.', placeholder: '' },
  email: { name: 'Email', needs: 'Recipients', hint: 'Separated by commas, at most 20.', placeholder: 'ops@example.com' },
  webhook: {
    name: 'Webhook',
    needs: 'URL',
    hint: 'Gets a POST of JSON, signed as Standard Webhooks say.',
    placeholder: 'https://example.com/hooks/signalbox',
  },
};
export const CHANNEL_KINDS = Object.keys(CHANNEL_WORDS) as ChannelKind[];
