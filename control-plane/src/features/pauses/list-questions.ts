/** The inbox: what runs of a workspace ask people now. */
import { toId, toUuid } from '@signalbox/proto';
import type { listQuestionsInput, Question } from '@signalbox/proto/api';
import type { Approvers } from '@signalbox/proto/messages';
import type { z } from 'zod';
import type { Page } from '../../platform/pagination.ts';
import { cursorUuid } from '../../platform/pagination.ts';
import type { Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { approverOf, mayAnswer } from './approvers.ts';

type Row = {
  readonly runId: string;
  readonly runName: string;
  readonly flow: string;
  readonly deployment: string;
  readonly key: string;
  readonly how: Question['how'];
  readonly message: string | null;
  readonly inputSchema: Record<string, unknown> | null;
  readonly approvers: Approvers | null;
  readonly askedBy: string | null;
  readonly askedAt: Date;
  readonly expiresAt: Date;
};

/**
 * Oldest run first. Live runs of the workspace that wait (run_dispatch holds no others), and of each the question that is open:
 * the primary key of its leaf.
 */
export async function listQuestions(ctx: Ctx, { cursor, limit }: z.output<typeof listQuestionsInput>): Promise<Page<Question>> {
  const sql = sqlOfTx(ctx.tx);
  const approver = await approverOf(sql, ctx.actor);
  const rows = await sql.query<Row>(
    `SELECT d.run_id AS "runId", r.name AS "runName", f.name AS flow, t.name AS deployment, p.key, p.how, p.message,
       p.input_schema AS "inputSchema", p.approvers, p.asked_by AS "askedBy", p.asked_at AS "askedAt",
       now() + (CASE WHEN d.agent_id IS NULL THEN d.expires_at ELSE d.deadline_at END - served_now()) AS "expiresAt"
     FROM run_dispatch d
     JOIN run r ON r.retention_class = d.retention_class AND r.id = d.run_id
     JOIN deployment t ON t.id = d.deployment_id JOIN flow f ON f.id = t.flow_id
     CROSS JOIN LATERAL (
       SELECT * FROM run_pause p WHERE p.retention_class = d.retention_class AND p.run_id = d.run_id
         AND p.answered_at IS NULL AND p.void_at IS NULL ORDER BY p.epoch DESC, p.asked_at DESC, p.key LIMIT 1) p
     WHERE d.workspace_id = $1::uuid AND d.state_type = 'PAUSED' AND ($2::uuid IS NULL OR d.run_id > $2::uuid)
     ORDER BY d.run_id LIMIT $3::int`,
    [ctx.workspace.id, cursorUuid('run', cursor), limit + 1],
  );
  const shown = rows.slice(0, limit).map(
    ({ runId, runName, flow, deployment, askedAt, expiresAt, ...question }): Question => ({
      ...question,
      run: { id: toId('run', runId), name: runName, flow, deployment },
      askedAt: new Date(askedAt).toISOString(),
      expiresAt: new Date(expiresAt).toISOString(),
      mayAnswer: ctx.workspace.scopes.has('runs:operate') && mayAnswer(question.approvers, approver),
    }),
  );
  const last = shown.at(-1);
  return { items: shown, nextCursor: rows.length > limit && last ? toId('run', toUuid('run', last.run.id)) : null };
}
