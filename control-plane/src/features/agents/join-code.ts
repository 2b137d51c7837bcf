/** Codes that enrol one agent, once, for a while. */
import { toId, uuidv7 } from '@signalbox/proto';
import type { createJoinCodeInput, joinCodeSchema } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import type { Tx } from '../../platform/db.ts';
import { notFound } from '../../platform/errors.ts';
import { hashSecret, newSecret } from '../../platform/secrets.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { findPoolRow } from '../work-pools/index.ts';

type JoinCode = z.infer<typeof joinCodeSchema>;
const MINUTE_MS = 60_000;

export async function createJoinCode(ctx: CommandCtx, input: z.output<typeof createJoinCodeInput>): Promise<Audited<JoinCode>> {
  const pool = await findPoolRow(ctx.tx, ctx.workspace.id, input.pool);
  if (!pool) throw notFound('work pool', input.pool);
  const { id, code, expiresAt } = await mintJoinCode(ctx.tx, {
    workspaceId: ctx.workspace.id,
    poolId: pool.id,
    createdBy: ctx.actor.kind === 'user' ? ctx.actor.id : null,
    expiresInMs: input.expiresInMinutes * MINUTE_MS,
  });
  const output = {
    id: toId('joinCode', id),
    code,
    expiresAt: expiresAt.toISOString(),
    command: enrollCommand(ctx.settings.publicUrl, code),
  };
  return audited(output, { target: { kind: 'join-code', id }, before: null, after: { pool: pool.name, expiresAt } });
}

/** A new code; only its hash is kept. */
export async function mintJoinCode(
  tx: Pick<Tx, 'joinCode'>,
  input: { readonly workspaceId: string; readonly poolId: string; readonly createdBy: string | null; readonly expiresInMs: number },
): Promise<{ id: string; code: string; expiresAt: Date }> {
  const { expiresInMs, ...owner } = input;
  const id = uuidv7(Date.now());
  const code = newSecret('sbj_');
  const expiresAt = new Date(Date.now() + expiresInMs);
  await tx.joinCode.create({ data: { id, ...owner, codeHash: hashSecret(code), expiresAt } });
  return { id, code, expiresAt };
}

/** The exact command that installs and starts an agent with a code. */
function enrollCommand(url: string, code: string): string {
  return `npx --yes --package @signalbox/agent signalbox-agent start --url ${url} --join-code ${code}`;
}
