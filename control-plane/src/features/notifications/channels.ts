/** The verbs of channels. What their targets hold in secret is sealed as it comes in, and neither answered, audited nor logged. */
import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import type {
  Channel,
  ChannelTarget,
  createChannelInput,
  Delivery,
  listDeliveriesInput,
  QuietHours,
  SavedChannel,
  updateChannelInput,
} from '@signalbox/proto/api';
import type { z } from 'zod';
import { isZone } from '../../domain/schedule/zone.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, invalidInput, limitExceeded, notFound, preconditionFailed } from '../../platform/errors.ts';
import { cursorUuid, type Page, pageOf } from '../../platform/pagination.ts';
import { sealOf } from '../../platform/seal.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { newSigningSecret } from '../../platform/standard-webhooks.ts';
import { queueNotification } from './service.ts';
import {
  type Fields,
  findChannel,
  findDelivery,
  insertChannel,
  nameIsTaken,
  readChannels,
  readDeliveries,
  removeChannel,
  requeue,
  showDelivery,
  type Target,
  writeChannel,
} from './store.ts';

/** Channels of one workspace. */
const MOST = 100;

export function listChannels(ctx: Ctx): Promise<Channel[]> {
  return readChannels(sqlOfTx(ctx.tx), ctx.workspace.id);
}

/** @throws CONFLICT when the name is taken, INVALID_INPUT, LIMIT_EXCEEDED over 100 channels */
export async function createChannel(ctx: CommandCtx, input: z.output<typeof createChannelInput>): Promise<Audited<SavedChannel>> {
  const sql = sqlOfTx(ctx.tx);
  const workspaceId = ctx.workspace.id;
  const { target: given, ...fields } = input;
  checkQuiet(fields.quietHours);
  if ((await readChannels(sql, workspaceId)).length >= MOST) throw limitExceeded(`A workspace has at most ${MOST} channels.`);
  const { target, secret } = await sealTarget(ctx, given);
  const id = uuidv7(Date.now());
  if (!(await insertChannel(sql, { id, workspaceId }, { ...fields, ...target }))) throw nameTaken(fields.name);
  const channel = await findOrThrow(ctx, toId('channel', id));
  return audited({ channel, secret }, { target: { kind: 'channel', id }, before: null, after: facts(channel) });
}

/** What is absent stays. @throws NOT_FOUND, CONFLICT when the new name is taken, INVALID_INPUT for a target of another kind */
export async function updateChannel(ctx: CommandCtx, input: z.output<typeof updateChannelInput>): Promise<Audited<SavedChannel>> {
  const sql = sqlOfTx(ctx.tx);
  const before = await findOrThrow(ctx, input.channel, 'lock');
  const { channel: _, target: given, ...changes } = input;
  const fields: Fields = { ...before, ...Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) };
  checkQuiet(fields.quietHours);
  if (given && given.kind !== before.kind)
    throw invalidInput([{ field: 'target.kind', expected: `"${before.kind}", which a channel keeps`, received: given.kind }]);
  if (fields.name !== before.name && (await nameIsTaken(sql, ctx.workspace.id, fields.name))) throw nameTaken(fields.name);
  const sealed = given ? await sealTarget(ctx, given) : null;
  await writeChannel(sql, toUuid('channel', before.id), fields, sealed?.target ?? null);
  const channel = await findOrThrow(ctx, before.id);
  return audited(
    { channel, secret: sealed?.secret ?? null },
    {
      target: { kind: 'channel', id: toUuid('channel', before.id) },
      before: facts(before),
      after: { ...facts(channel), isNewTarget: given !== undefined },
    },
  );
}

/** With what was to be told by it, and its log. @throws NOT_FOUND */
export async function deleteChannel(ctx: CommandCtx, input: { channel: string }): Promise<Audited<{ deleted: true }>> {
  const before = await findOrThrow(ctx, input.channel, 'lock');
  const id = toUuid('channel', before.id);
  await removeChannel(sqlOfTx(ctx.tx), id);
  return audited({ deleted: true as const }, { target: { kind: 'channel', id }, before: facts(before), after: null });
}

/** Sends a message that says it is a test, past digest and quiet hours. @throws NOT_FOUND, PRECONDITION_FAILED when it is switched off */
export async function testChannel(ctx: CommandCtx, input: { channel: string }): Promise<Audited<Delivery>> {
  const channel = await findOrThrow(ctx, input.channel);
  const channelId = toUuid('channel', channel.id);
  const { id } = await queueNotification(sqlOfTx(ctx.tx), {
    workspaceId: ctx.workspace.id,
    channelId,
    subject: `Test of the channel ${channel.name}`,
    body: `Sent from the workspace ${ctx.workspace.name} of Signalbox. Nothing is wrong.`,
    severity: 'critical',
    fingerprint: null,
    resolved: false,
    deliveryId: `test ${uuidv7(Date.now())}`,
    link: `${ctx.settings.publicUrl}/notifications`,
  });
  const delivery = id && (await findDelivery(sqlOfTx(ctx.tx), ctx.workspace.id, id));
  if (!delivery) throw preconditionFailed(`The channel ${channel.name} is switched off.`);
  return audited(delivery, { target: { kind: 'channel', id: channelId }, before: null, after: { delivery: delivery.id } });
}

export async function listDeliveries(ctx: Ctx, input: z.output<typeof listDeliveriesInput>): Promise<Page<Delivery>> {
  const { channel, status = null, cursor, limit } = input;
  if (channel) await findOrThrow(ctx, channel);
  const rows = await readDeliveries(sqlOfTx(ctx.tx), ctx.workspace.id, {
    channelId: channel ? toUuid('channel', channel) : null,
    status,
    before: cursorUuid('delivery', cursor),
    limit: limit + 1,
  });
  return pageOf('delivery', rows, limit, ({ id }) => id, showDelivery);
}

/** Tries one that was given up anew, under the same id. @throws NOT_FOUND, PRECONDITION_FAILED when it was not given up */
export async function resendDelivery(ctx: CommandCtx, input: { delivery: string }): Promise<Audited<Delivery>> {
  const sql = sqlOfTx(ctx.tx);
  const id = toUuid('delivery', input.delivery);
  const before = await findDelivery(sql, ctx.workspace.id, id);
  if (!before) throw notFound('delivery', input.delivery);
  if (!(await requeue(sql, id))) throw preconditionFailed(`It is ${before.status}: only what was given up is sent again.`);
  const after = (await findDelivery(sql, ctx.workspace.id, id)) as Delivery;
  return audited(after, { target: { kind: 'delivery', id }, before: { status: before.status }, after: { status: after.status } });
}

async function findOrThrow(ctx: Ctx, id: string, how?: 'lock'): Promise<Channel> {
  const found = await findChannel(sqlOfTx(ctx.tx), ctx.workspace.id, toUuid('channel', id), how);
  if (!found) throw notFound('channel', id);
  return found;
}

const nameTaken = (name: string) => conflict(`There is a channel "${name}" already.`, { name });

function checkQuiet(quiet: QuietHours | null): void {
  if (!quiet) return;
  if (!isZone(quiet.timezone))
    throw invalidInput([{ field: 'quietHours.timezone', expected: 'a time zone such as Europe/Berlin', received: quiet.timezone }]);
  if (quiet.from === quiet.to) throw invalidInput([{ field: 'quietHours.to', expected: 'another time than `from`', received: quiet.to }]);
}

/** `secret`: the key of a webhook's signatures, where one was made here. */
async function sealTarget(ctx: Ctx, given: ChannelTarget): Promise<{ target: Target; secret: string | null }> {
  const makesSecret = given.kind === 'webhook' && given.secret === undefined;
  const whole = makesSecret ? { ...given, secret: newSigningSecret() } : given;
  const sealed = await sealOf(ctx.settings.secret).close(JSON.stringify(whole));
  return {
    target: { kind: given.kind, target: describe(given), sealed },
    secret: makesSecret ? (whole as { secret: string }).secret : null,
  };
}

/** Where a channel leads, for anybody who sees it. */
function describe(target: ChannelTarget): string {
  if (target.kind === 'email') return target.to.join(', ');
  return 'region' in target ? `${target.kind} ${target.region}` : new URL(target.url).host;
}

function facts({ id: _i, createdAt: _c, updatedAt: _u, last: _l, ...rest }: Channel) {
  return rest;
}
