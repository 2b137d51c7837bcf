/** A notification by a channel. On the resolve of a trigger it says that the problem is over. */
import { toUuid } from '@signalbox/proto';
import { sqlOfTx } from '../../../platform/sql.ts';
import { findChannelRef, queueNotification } from '../../notifications/index.ts';
import { type ActionOf, type InsideKind, NothingToDo } from './action-kind.ts';

/** What an outcome says, for the log of the firing. */
const SAID = {
  queued: 'Told',
  held: 'Held until its digest or quiet hours end:',
  suppressed: 'Told before, or milder than the channel tells:',
  repeated: 'Told already:',
} as const;

export const sendNotificationKind: InsideKind<ActionOf<'send-notification'>> = {
  scope: 'notifications:write',
  audit: 'notification.send',
  async inside(ctx, { channel: ref, subject, body, severity, fingerprint, resolved }, { deliveryId, firing, automation, event }) {
    const sql = sqlOfTx(ctx.tx);
    const channel = await findChannelRef(sql, ctx.workspace.id, ref);
    if (!channel) throw new NothingToDo(`There is no channel "${ref.slice(0, 100)}".`);
    const run = event?.resource.kind === 'run' ? event.resource.id : null;
    const { outcome, id } = await queueNotification(sql, {
      workspaceId: ctx.workspace.id,
      channelId: toUuid('channel', channel.id),
      subject: subject || automation.name,
      body,
      severity,
      fingerprint: fingerprint || null,
      resolved: resolved ?? firing.kind === 'resolved',
      deliveryId,
      link: run ? `${ctx.settings.publicUrl}/runs/${run}` : null,
    });
    if (outcome === 'disabled' || outcome === 'no-channel') throw new NothingToDo(`The channel ${channel.name} is switched off.`);
    return {
      outcome: { message: `${SAID[outcome]} ${channel.name}`, target: { kind: 'channel', id: channel.id } },
      facts: { target: { kind: 'delivery', id }, before: null, after: { channel: channel.name, outcome } },
    };
  },
};
