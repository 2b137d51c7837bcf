/** An organization's own say in support: whether, and who was there. */
import type { Support, setSupportInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { forbidden } from '../../platform/errors.ts';
import type { OrganizationCommandCtx, OrganizationCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';

type Row = {
  operator: string;
  reason: string;
  as: string | null;
  created_at: Date;
  entered_at: Date | null;
  expires_at: Date;
  ended_at: Date | null;
};

export async function getSupport(ctx: OrganizationCtx): Promise<Support> {
  const sql = sqlOfTx(ctx.tx);
  const rows = await sql.query<Row>(
    `SELECT s.operator, s.reason, p.email AS as, s.created_at, s.entered_at, s.expires_at, s.ended_at
       FROM support_session s LEFT JOIN people_here() p ON p.id = s.user_id
      WHERE s.organization_id = $1::uuid ORDER BY s.created_at DESC LIMIT 50`,
    [ctx.organization.id],
  );
  return {
    allowed: await isAllowed(ctx),
    sessions: rows.map(({ operator, reason, as, created_at, entered_at, expires_at, ended_at }) => ({
      operator,
      reason,
      as,
      createdAt: created_at.toISOString(),
      enteredAt: entered_at?.toISOString() ?? null,
      expiresAt: expires_at.toISOString(),
      endedAt: ended_at?.toISOString() ?? null,
    })),
  };
}

/** Switching it off ends what is open. */
export async function setSupport(ctx: OrganizationCommandCtx, { allowed }: z.output<typeof setSupportInput>): Promise<Audited<Support>> {
  if (ctx.actor.kind === 'user' && ctx.actor.support) throw forbidden('Support does not allow itself.');
  const before = await isAllowed(ctx);
  const sql = sqlOfTx(ctx.tx);
  await sql.query('UPDATE organization SET support_allowed = $2 WHERE id = $1::uuid', [ctx.organization.id, allowed]);
  if (!allowed)
    await sql.query(
      'UPDATE support_session SET ended_at = now() WHERE organization_id = $1::uuid AND ended_at IS NULL AND expires_at > now()',
      [ctx.organization.id],
    );
  return audited(await getSupport(ctx), {
    target: { kind: 'organization', id: ctx.organization.id },
    before: { supportAllowed: before },
    after: { supportAllowed: allowed },
  });
}

async function isAllowed({ tx, organization }: OrganizationCtx): Promise<boolean> {
  const [row] = await sqlOfTx(tx).query<{ allowed: boolean }>('SELECT support_allowed AS allowed FROM organization WHERE id = $1::uuid', [
    organization.id,
  ]);
  return row?.allowed ?? false;
}
