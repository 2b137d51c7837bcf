/** Channels through the API, and what leaves by them: a server of HTTP and one of mail see what was sent. */
import { toUuid } from '@signalbox/proto';
import type { ChannelTarget } from '@signalbox/proto/api';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { type HttpReceiver, type MailReceiver, openHttpReceiver, openMailReceiver } from '../../../test/receivers.ts';
import { openMail } from '../../platform/mail.ts';
import { signatureOf } from '../../platform/standard-webhooks.ts';
import { sendDue } from './loop.ts';
import { type NotificationRequest, sendNotification } from './service.ts';

let api: TestApi;
let tenant: Tenant;
let http: HttpReceiver;
let mail: MailReceiver;

beforeAll(async () => {
  [api, http, mail] = await Promise.all([openTestApi({ privateTargets: true }), openHttpReceiver(), openMailReceiver()]);
});
beforeEach(async () => {
  tenant = await api.tenant();
  // What a test before left in line would be sent in this one.
  await api.db.systemSql.query('DELETE FROM notification_channel');
  http.received.length = 0;
  http.answer = { status: 200 };
});
afterAll(async () => {
  await Promise.all([http?.[Symbol.asyncDispose](), mail?.[Symbol.asyncDispose]()]);
  await api?.[Symbol.asyncDispose]();
});

type Fields = Partial<Omit<Parameters<Tenant['owner']['notifications']['create']>[0], 'name' | 'target'>>;
async function channelTo(target: ChannelTarget, fields: Fields = {}) {
  const { channel, secret } = await tenant.owner.notifications.create({ name: `to ${target.kind}`, target, ...fields });
  let made = 0;
  const send = async (over: Partial<NotificationRequest> = {}) => {
    const request = {
      subject: 'it failed',
      body: 'why',
      severity: 'high',
      fingerprint: null,
      resolved: false,
      deliveryId: `d${++made}`,
    } as const;
    return (
      await sendNotification(api.db, { workspaceId: tenant.workspaceId, channelId: toUuid('channel', channel.id), ...request, ...over })
    ).outcome;
  };
  const log = async () => (await tenant.owner.notifications.deliveries({ channel: channel.id })).items;
  return { channel, secret, send, log };
}
const slack = () => channelTo({ kind: 'slack', url: `${http.url}/services/T0/B0/abcdefgh` });
const deps = (over: object = {}) => ({
  db: api.db,
  mail: api.services.mail,
  log: api.services.log,
  settings: api.services.settings,
  ...over,
});
/** As if the pause after an attempt, or what holds it back, were over. */
async function sendAll(): Promise<void> {
  await api.db.systemSql.query(`UPDATE notification SET due_at = now() WHERE status IN ('queued', 'held') AND workspace_id = $1`, [
    tenant.workspaceId,
  ]);
  await sendDue(deps());
}
const texts = () => http.received.map(({ body }) => (JSON.parse(body) as { text: string }).text);

describe('a channel', () => {
  test('is made, shown, changed and deleted; what is secret of it is sealed, and neither answered nor audited', async () => {
    const { channel } = await slack();
    expect(channel).toMatchObject({ kind: 'slack', target: new URL(http.url).host, isEnabled: true, digestSeconds: 0, last: null });
    const { notifications } = tenant.owner;
    const changed = await notifications.update({
      channel: channel.id,
      digestSeconds: 60,
      target: { kind: 'slack', url: `${http.url}/other-token` },
    });
    expect(changed).toMatchObject({ secret: null, channel: { digestSeconds: 60, name: 'to slack' } });
    const { rows } = await api.db.systemSql.query('SELECT t::text AS text FROM notification_channel t WHERE workspace_id = $1', [
      tenant.workspaceId,
    ]);
    const audit = [...(await tenant.audit('channel.create')), ...(await tenant.audit('channel.update'))];
    expect(audit).toHaveLength(2);
    expect(JSON.stringify([rows, audit, await notifications.channels()])).not.toMatch(/abcdefgh|other-token/);
    expect(await notifications.delete({ channel: channel.id })).toEqual({ deleted: true });
    expect(await notifications.channels()).toEqual([]);
  });

  test('keeps its kind and has a name of its own, a time zone that there is, and quiet hours that end', async () => {
    const { channel } = await slack();
    const { notifications } = tenant.owner;
    const quietHours = (over: object) => ({ timezone: 'UTC', from: '22:00', to: '07:00', ...over });
    const target: ChannelTarget = { kind: 'email', to: ['a@example.com'] };
    const wrong = [
      [() => notifications.update({ channel: channel.id, target }), /target.kind.*"slack"/],
      [() => notifications.create({ name: 'to slack', target }), /already/],
      [() => notifications.create({ name: 'x', target, quietHours: quietHours({ timezone: 'Mars/Olympus' }) }), /quietHours.timezone/],
      [() => notifications.create({ name: 'x', target, quietHours: quietHours({ to: '22:00' }) }), /quietHours.to/],
    ] as const;
    for (const [call, message] of wrong) expect((await refusal(call())).message).toMatch(message);
  });

  test("of a stranger is not found, and tells nobody of one's own", async () => {
    const { channel, send } = await slack();
    const stranger = await api.tenant();
    for (const call of [
      () => stranger.owner.notifications.update({ channel: channel.id, name: 'mine' }),
      () => stranger.owner.notifications.test({ channel: channel.id }),
      () => stranger.owner.notifications.deliveries({ channel: channel.id }),
      () => stranger.owner.notifications.delete({ channel: channel.id }),
    ])
      expect(await refusal(call())).toMatchObject({ code: 'NOT_FOUND' });
    expect(await send({ workspaceId: stranger.workspaceId })).toBe('no-channel');
  });
});

describe('telling', () => {
  test('a thousand times the same problem is one message and its end another, each taken once a request', async () => {
    const { send, log } = await slack();
    const problem = { fingerprint: 'weather/daily' };
    expect([await send(problem), await send({ ...problem, deliveryId: 'd1' })]).toEqual(['queued', 'repeated']);
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => send(problem))))).toEqual(new Set(['suppressed']));
    expect(await send({ ...problem, resolved: true, severity: 'minor' })).toBe('queued');
    expect(await send({ ...problem, resolved: true })).toBe('suppressed');
    await sendAll();
    expect(texts().sort()).toEqual(['Over: it failed', 'it failed']);
    expect((await log()).map(({ status, isRecovery, occurrences }) => [status, isRecovery, occurrences])).toEqual([
      ['sent', true, 21],
      ['sent', false, 1],
    ]);
    expect(await send(problem)).toBe('queued');
  });

  test('a problem that is there still is told again after a while', async () => {
    const { send } = await channelTo({ kind: 'slack', url: http.url }, { remindSeconds: 3_600 });
    const problem = { fingerprint: 'disk' };
    await send(problem);
    await api.db.systemSql.query(`UPDATE notification_alert SET told_at = now() - interval '1 hour' WHERE workspace_id = $1`, [
      tenant.workspaceId,
    ]);
    expect([await send(problem), await send(problem)]).toEqual(['queued', 'suppressed']);
  });

  test('what is milder than a channel tells, or goes to one that is off, is not told', async () => {
    const { send } = await channelTo({ kind: 'slack', url: http.url }, { leastSeverity: 'high' });
    expect([await send({ severity: 'moderate' }), await send()]).toEqual(['suppressed', 'queued']);
    const off = await channelTo({ kind: 'discord', url: http.url }, { isEnabled: false });
    expect(await off.send()).toBe('disabled');
  });

  test('a digest is one message of all that came within its time; what is critical does not wait', async () => {
    const { send, log } = await channelTo({ kind: 'slack', url: http.url }, { digestSeconds: 300 });
    expect([await send(), await send({ subject: 'another' }), await send({ severity: 'critical', subject: 'now' })]).toEqual([
      'held',
      'held',
      'queued',
    ]);
    await sendDue(deps());
    expect(texts()).toEqual(['now']);
    await sendAll();
    expect(texts()).toEqual(['now', '2 notifications']);
    expect(new Set((await log()).map(({ status }) => status))).toEqual(new Set(['sent']));
  });

  test('in quiet hours it waits for their end, and a storm of messages is gathered', async () => {
    const hour = (ms: number) => new Date(Date.now() + ms).toISOString().slice(11, 16);
    const quietHours = { timezone: 'UTC', from: hour(-3_600_000), to: hour(3_600_000) };
    const { send, log } = await channelTo({ kind: 'slack', url: http.url }, { quietHours });
    expect([await send(), await send({ severity: 'critical' })]).toEqual(['held', 'queued']);
    expect((await log()).at(-1)?.nextAttemptAt?.slice(11, 16)).toBe(quietHours.to);
    const storm = await channelTo({ kind: 'discord', url: http.url });
    const outcomes: string[] = [];
    for (let i = 0; i < 25; i++) outcomes.push(await storm.send());
    expect(outcomes).toEqual([...Array(20).fill('queued'), ...Array(5).fill('held')]);
  });
});

describe('delivery', () => {
  test('is tried again after a failure that passes, under the same id, and is signed anew', async () => {
    const { secret, send, log } = await channelTo({ kind: 'webhook', url: `${http.url}/hook` });
    expect(secret).toMatch(/^whsec_/);
    await send();
    http.answer = { status: 503, body: 'busy' };
    await sendAll();
    http.answer = { status: 204 };
    await sendAll();
    const [delivery] = await log();
    expect(delivery).toMatchObject({
      status: 'sent',
      attempts: [
        { status: 503, error: 'answered 503: busy' },
        { status: 204, error: null },
      ],
    });
    expect(http.received).toHaveLength(2);
    for (const { headers, body } of http.received) {
      expect(headers['webhook-id']).toBe(delivery?.id);
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      expect(headers['webhook-signature']).toBe(`v1,${signatureOf(secret ?? '', signed)}`);
    }
  });

  test('is given up where trying again is of no use: an event tells it, the next occurrence is told again, and a person sends it again', async () => {
    const { channel, send, log } = await slack();
    await send({ fingerprint: 'f' });
    http.answer = { status: 404, body: 'no_service at /services/T0/B0/abcdefgh' };
    await sendAll();
    const [failed] = await log();
    expect(failed).toMatchObject({ status: 'failed', attempts: [{ status: 404, error: 'answered 404: no_service at ***' }] });
    const events = await api.db.systemSql.query(
      `SELECT name, resource FROM event_inbox WHERE workspace_id = $1 AND name = 'notification.failed'`,
      [tenant.workspaceId],
    );
    expect(events.rows).toMatchObject([{ resource: { id: channel.id } }]);
    expect(await send({ fingerprint: 'f' })).toBe('queued');
    http.answer = { status: 200 };
    const { notifications } = tenant.owner;
    expect(await notifications.resend({ delivery: failed?.id as `dlv_${string}` })).toMatchObject({ status: 'queued' });
    await sendAll();
    expect((await notifications.channels())[0]).toMatchObject({ last: { status: 'sent' } });
    expect((await refusal(notifications.resend({ delivery: failed?.id as `dlv_${string}` }))).message).toMatch(
      /is sent: only what was given up/,
    );
  });

  test('goes to no private address unless the installation allows it', async () => {
    const { send, log } = await slack();
    await send();
    await sendDue(deps({ settings: { ...api.services.settings, privateTargets: false } }));
    expect(http.received).toEqual([]);
    expect((await log())[0]?.attempts[0]?.error).toBe('127.0.0.1 is not on the public internet (SIGNALBOX_PRIVATE_TARGETS allows it)');
  });

  test('a message whose sender died is sent by another after a minute, and no message by two', async () => {
    const { send, log } = await slack();
    for (let i = 0; i < 10; i++) await send();
    await Promise.all([sendDue(deps()), sendDue(deps()), sendDue(deps())]);
    expect(http.received).toHaveLength(10);
    // Taken, and never heard of again.
    await api.db.systemSql.query(
      `UPDATE notification SET status = 'queued', ended_at = NULL, due_at = now() - interval '1 second' WHERE workspace_id = $1`,
      [tenant.workspaceId],
    );
    await sendDue(deps());
    expect(http.received).toHaveLength(20);
    expect((await log()).every(({ status, attempts }) => status === 'sent' && attempts.length === 2)).toBe(true);
  });

  test('by mail reaches all recipients; without a mail server the log says so', async () => {
    const { channel } = await channelTo({ kind: 'email', to: ['ops@example.com', 'dev@example.com'] });
    await tenant.owner.notifications.test({ channel: channel.id });
    await sendDue(deps({ mail: openMail({ smtpUrl: mail.url, mailFrom: 'Signalbox <signalbox@example.com>' }, api.services.log) }));
    expect(mail.received).toHaveLength(1);
    expect(mail.received[0]?.to).toEqual(['ops@example.com', 'dev@example.com']);
    expect(mail.received[0]?.data).toContain('Subject: Test of the channel to email');
    await tenant.owner.notifications.test({ channel: channel.id });
    await sendDue(deps({ mail: openMail({ smtpUrl: null, mailFrom: '' }, api.services.log) }));
    expect((await tenant.owner.notifications.deliveries({})).items[0]).toMatchObject({
      status: 'failed',
      attempts: [{ error: 'no mail server is configured (SIGNALBOX_SMTP_URL)' }],
    });
  });
});
