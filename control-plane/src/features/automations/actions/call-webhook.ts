/**
 * A request to an address of somebody else, signed as Standard Webhooks says: `webhook-id` is the delivery id, the same at every
 * try, and `webhook-signature` is an HMAC over id, instant and body with the workspace's signing secret.
 *
 * @see https://www.standardwebhooks.com
 */
import { createHmac } from 'node:crypto';
import { CLOUD_EVENT_TYPE, cloudEventOf } from '@signalbox/proto';
import { HEADER_VALUE, isHeaderValue, withoutValues } from '../../../domain/webhook-headers.ts';
import { AppError } from '../../../platform/errors.ts';
import { outsideFetch } from '../../../platform/outside-fetch.ts';
import { type ActionOf, type Fired, GivenUp, type OutsideKind } from './action-kind.ts';

/** Bytes of a body, and of an answer that are looked at; characters of it that are told. */
const MOST_BYTES = 256 * 1024;
const ANSWER_READ = 8 * 1024;
const ANSWER_SHOWN = 200;

export const callWebhookKind: OutsideKind<ActionOf<'call-webhook'>> = {
  scope: 'automations:write',
  async outside({ settings }, { url, method, headers, body, format }, fired, signal) {
    const own = () => (format === 'cloudevents' ? cloudEventOf(fired.event ?? firingAsEvent(fired), settings.publicUrl) : bodyOf(fired));
    const sent = method === 'GET' ? undefined : typeof body === 'string' ? body : JSON.stringify(body ?? own());
    if (sent !== undefined && Buffer.byteLength(sent) > MOST_BYTES) throw new GivenUp(`The body is over ${MOST_BYTES / 1024} KB.`);
    const bad = Object.entries(headers).find(([, value]) => !isHeaderValue(value));
    if (bad) throw new GivenUp(`The header ${bad[0]} cannot be sent: expected ${HEADER_VALUE}.`);
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const signature = createHmac('sha256', signingKey(settings.secret, fired.workspaceId))
      .update(`${fired.deliveryId}.${timestamp}.${sent ?? ''}`)
      .digest('base64');
    const response = await outsideFetch(settings.privateTargets, 'SIGNALBOX_PRIVATE_TARGETS')(url, {
      method,
      signal,
      headers: {
        'content-type':
          typeof body === 'string' ? 'text/plain; charset=utf-8' : format === 'cloudevents' ? CLOUD_EVENT_TYPE : 'application/json',
        ...headers,
        'user-agent': 'signalbox-webhook',
        'webhook-id': fired.deliveryId,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      ...(sent === undefined ? {} : { body: sent }),
    });
    // A receiver may say what it was sent.
    const answer = withoutValues(await firstText(response), Object.values(headers)).slice(0, ANSWER_SHOWN);
    const said = `${method} ${new URL(url).host} answered ${response.status}`;
    if (response.ok) return { message: said, target: null };
    // What the receiver says is wrong with the request does not get right by itself.
    const isFinal = response.status >= 400 && response.status < 500 && ![408, 425, 429].includes(response.status);
    const told = answer === '' ? said : `${said}: ${answer}`;
    throw isFinal ? new GivenUp(told) : new AppError('UNAVAILABLE', told);
  },
};

function bodyOf({ deliveryId, automation, firing, event }: Fired): object {
  return { delivery: deliveryId, automation, firing, event };
}

/** What fired for the absence of events, or for a figure, is the event itself. */
function firingAsEvent({ automation, firing }: Fired): Parameters<typeof cloudEventOf>[0] {
  return {
    id: firing.id,
    name: firing.kind === 'triggered' ? 'automation.fired' : 'automation.resolved',
    occurredAt: firing.at,
    resource: { ...automation, kind: 'automation' },
    related: [],
    payload: { key: firing.key, why: firing.why },
  };
}

/** Known to whoever may change automations; of one workspace alone. */
export function signingKey(secret: string, workspaceId: string): Buffer {
  return createHmac('sha256', secret).update(`signalbox webhooks v1:${workspaceId}`).digest();
}

async function firstText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value?.slice(0, ANSWER_READ));
}
