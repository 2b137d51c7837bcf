/**
 * `/hooks/<token>`: where other systems tell of what happened there. Whoever knows no token learns nothing: every answer to one that is not
 * there is the same and comes after the same look-up. A request that is taken becomes its events in one transaction.
 */
import { randomUUID } from 'node:crypto';
import { toId, uuidv7 } from '@signalbox/proto';
import { WEBHOOK_BODY_MAX_BYTES, type WebhookRequest, type WebhookVerify, webhookVerifySchema } from '@signalbox/proto/api';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type HookRequest, handshakeOf } from '../../domain/webhooks/presets.ts';
import { AppError, invalidInput, limitExceeded, unauthenticated } from '../../platform/errors.ts';
import type { HttpEnv } from '../../platform/http.ts';
import { outsideFetch } from '../../platform/outside-fetch.ts';
import { sealOf } from '../../platform/seal.ts';
import { hashSecret } from '../../platform/secrets.ts';
import type { Services } from '../../platform/services.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { tokenBuckets } from '../../platform/token-bucket.ts';
import { type AppendedEvent, appendEvents, foreignName } from '../events/index.ts';
import { makeEvents, readBody } from './make-events.ts';
import { insertRequest, isRefusalToTell, type Opened, openByToken, touchWebhook } from './store.ts';
import { allowanceOf } from './template.ts';
import { isSnsUrl, problemOf, proofKeyOf } from './verify.ts';

/** Of one webhook, each replica: bursts, and in the long run. */
const BURST = 300;
const A_SECOND = 50;
/** Of one address that knows no token. */
const GUESSES = 30;
const TEXT_MAX = 300;
const CERTIFICATE_MS = 5_000;
const CERTIFICATES_KEPT = 20;

export function hookRoutes(services: Services): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  const rates = tokenBuckets({ capacity: BURST, refillPerSecond: A_SECOND });
  const guesses = tokenBuckets({ capacity: GUESSES, refillPerSecond: 1 });
  const fetchCertificate = certificates();
  const tooLarge = () => invalidInput([{ field: 'body', expected: `at most ${WEBHOOK_BODY_MAX_BYTES} bytes` }]);
  const limit = bodyLimit({
    maxSize: WEBHOOK_BODY_MAX_BYTES,
    onError: () => {
      throw tooLarge();
    },
  });
  app.all('/:token', limit, async (c) => {
    const webhook = await openByToken(sqlOfClient(services.db.systemSql), hashSecret(c.req.param('token')));
    if (!webhook) {
      const waitMs = guesses.take(c.var.address);
      if (waitMs !== null) throw limitExceeded('Too many requests to addresses that are not there.', { retryAfterMs: waitMs });
      throw new AppError('NOT_FOUND', 'There is no such webhook.');
    }
    const waitMs = rates.take(webhook.id);
    if (waitMs !== null) throw limitExceeded('This webhook takes 50 requests a second.', { retryAfterMs: waitMs });
    return take(services, webhook, c, fetchCertificate);
  });
  return app;
}

async function take(
  services: Services,
  webhook: Opened,
  c: Context<HttpEnv>,
  fetchCertificate: (url: string) => Promise<string>,
): Promise<Response> {
  const { method } = c.req;
  const headers = Object.fromEntries([...c.req.raw.headers].map(([name, value]) => [name.toLowerCase(), value]));
  const text = await c.req.text();
  const request: HookRequest = { method, headers, query: c.req.query(), body: readBody(text, headers['content-type'] ?? '') };
  const note = (outcome: WebhookRequest['outcome'], reason: string | null) =>
    services.db.inWorkspaceSql(webhook.workspaceId, async (sql) => {
      await insertRequest(sql, { ...noteOf(webhook, method, text), outcome, reason, events: [], key: null, proofKey: null });
      if (outcome === 'refused' && (await isRefusalToTell(sql, webhook.id))) await appendEvents(sql, [refusalOf(webhook, method, reason)]);
      await touchWebhook(sql, webhook.id);
    });

  // A question whether we are here carries no signature in these protocols, and changes nothing.
  const handshake = handshakeOf(request);
  if (handshake) {
    await note('handshake', null);
    return new Response(handshake.body, { status: handshake.status, headers: { ...handshake.headers } });
  }
  const verify = await verifyOf(services, webhook);
  const unproved = await problemOf(verify, { headers, text, now: new Date() }, fetchCertificate);
  if (unproved) {
    await note('refused', unproved);
    throw unauthenticated('The request does not prove whom it comes from. The log of the webhook says why.');
  }
  if (verify.scheme === 'sns' && headers['x-amz-sns-message-type'] === 'SubscriptionConfirmation') return confirmSns(request, note, c);

  const { events, key, problem } = makeEvents(webhook, request, allowanceOf(webhook.workspaceId));
  if (problem) {
    await note('refused', problem.slice(0, TEXT_MAX));
    throw invalidInput([{ field: 'event', expected: problem.slice(0, TEXT_MAX) }]);
  }
  const ids = events.map(() => randomUUID());
  const proofKey = proofKeyOf(verify, { headers, text });
  const isNew = await services.db.inWorkspaceSql(webhook.workspaceId, async (sql) => {
    const fresh = await insertRequest(sql, {
      ...noteOf(webhook, method, text),
      outcome: 'accepted',
      reason: null,
      events: ids,
      key,
      proofKey,
    });
    if (fresh) {
      const latest = Date.now() + 60_000;
      await appendEvents(
        sql,
        events.map(({ occurredAt, ...event }, i) => ({
          ...event,
          name: foreignName(event.name),
          id: ids[i] as string,
          workspaceId: webhook.workspaceId,
          // The clock of a sender that runs ahead is not believed.
          occurredAt: occurredAt && Date.parse(occurredAt) <= latest ? occurredAt : undefined,
        })),
      );
    }
    await touchWebhook(sql, webhook.id);
    return fresh;
  });
  if (isNew) services.bus.wake('appended');
  else
    await note(
      'repeated',
      key === null ? 'the same, as it was signed, was taken before' : `"${key}", or what was signed, was taken before`,
    );
  return c.json({ events: isNew ? ids : [], repeated: !isNew }, 202);
}

function refusalOf({ id, workspaceId, name }: Opened, method: string, reason: string | null): AppendedEvent {
  const resource = { id: toId('webhook', id), kind: 'webhook', name };
  return { workspaceId, id: randomUUID(), name: 'webhook.refused', resource, related: [], payload: { method, reason } };
}

function noteOf(webhook: Opened, method: string, text: string) {
  return { id: uuidv7(Date.now()), workspaceId: webhook.workspaceId, webhookId: webhook.id, method, bytes: Buffer.byteLength(text) };
}

async function verifyOf({ settings }: Services, { scheme, sealed }: Opened): Promise<WebhookVerify> {
  if (sealed === null) return webhookVerifySchema.parse({ scheme });
  return webhookVerifySchema.parse(JSON.parse(await sealOf(settings.secret).open(sealed)));
}

/** A topic that was told of this address asks once; it is AWS that is asked, nobody else. */
async function confirmSns(
  request: HookRequest,
  note: (outcome: 'handshake' | 'refused', reason: string | null) => Promise<void>,
  c: Context<HttpEnv>,
): Promise<Response> {
  const url = String((request.body as { SubscribeURL?: unknown } | null)?.SubscribeURL ?? '');
  const confirmed =
    isSnsUrl(url) &&
    (await outsideFetch(false)(url, { signal: AbortSignal.timeout(CERTIFICATE_MS) }).then(
      ({ ok }) => ok,
      () => false,
    ));
  await note(confirmed ? 'handshake' : 'refused', confirmed ? null : 'the subscription could not be confirmed');
  return c.json({ confirmed }, confirmed ? 200 : 502);
}

/** Certificates of AWS, kept. */
function certificates(): (url: string) => Promise<string> {
  const kept = new Map<string, string>();
  return async (url) => {
    const known = kept.get(url);
    if (known) return known;
    const response = await outsideFetch(false)(url, { signal: AbortSignal.timeout(CERTIFICATE_MS) });
    if (!response.ok) throw new Error(`the certificate was answered with ${response.status}`);
    const text = (await response.text()).slice(0, 20_000);
    if (kept.size >= CERTIFICATES_KEPT) kept.clear();
    kept.set(url, text);
    return text;
  };
}
