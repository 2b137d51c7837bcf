import { randomUUID } from 'node:crypto';
import { openEnvelope, toUuid } from '@signalbox/proto';
import type { RunSummary, resumeRunInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import type { Audited } from '../../platform/audit.ts';
import { conflict, forbidden, invalidInput, notFound } from '../../platform/errors.ts';
import { checkParameters } from '../../platform/parameter-schema.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { type Sql, sqlOfTx } from '../../platform/sql.ts';
import { afterCommit } from '../dispatch/index.ts';
import { appendEvents } from '../events/index.ts';
import { answerPause, approverOf, findOpenPause, mayAnswer, namesOf } from '../pauses/index.ts';
import { actorName, moveRun, wasMoved } from './move-run.ts';
import { checkSize } from './new-run.ts';
import { readSummary } from './read-summaries.ts';
import { findRecord } from './store.ts';

/**
 * Answers what a paused or suspended run asks, and lets it go on. The input is checked against the schema that was
 * stored with the question before anything is written.
 * @throws INVALID_INPUT that names the field; CONFLICT when it waits for nobody, or another question is open by now.
 */
export async function resumeRun(ctx: CommandCtx, input: z.output<typeof resumeRunInput>): Promise<Audited<RunSummary>> {
  const repeated = await wasMoved(ctx, input);
  if (repeated) return repeated;
  const runId = toUuid('run', input.run);
  const sql = sqlOfTx(ctx.tx);
  const record = await findRecord(ctx.sql, ctx.workspace.id, runId);
  if (!record) throw notFound('run', input.run);
  const { state } = await readSummary(ctx, runId);
  const place = { retentionClass: record.retentionClass, runId };
  const question = record.endedAs === null ? await findOpenPause(sql, place) : null;
  if (!question)
    throw conflict(`${input.run} waits for nobody: it is ${state.name}. Only a paused or suspended run is resumed.`, { run: input.run });
  if (input.key !== undefined && input.key !== question.key) {
    throw conflict(
      `${input.run} waits for an answer to "${question.key}" now, not to "${input.key}". Look at what it asks, and answer that.`,
      {
        run: input.run,
        key: question.key,
      },
    );
  }
  if (question.approvers && !mayAnswer(question.approvers, await approverOf(sql, ctx.actor))) {
    throw forbidden(`Only ${namesOf(question.approvers)} may answer "${question.key}" of ${input.run}.`, {
      run: input.run,
      key: question.key,
    });
  }
  checkSize(input.input, 'input');
  const issues = await checkParameters(question.inputSchema ?? NO_INPUT, input.input);
  if (issues.length > 0) throw invalidInput(issues.map((issue) => ({ ...issue, field: issue.field.replace(/^parameters/, 'input') })));

  const by = actorName(ctx);
  // Its agent was lost or is back, or a parallel branch waits for a child: the process of this epoch waits all the same.
  const mayStand = question.how === 'pause' && state.type === 'RUNNING' && question.epoch === (await epochOf(sql, runId));
  const moved = await moveRun(ctx, { run: input.run, transitionId: input.transitionId }, { kind: 'resume', by }, { mustMove: !mayStand });
  if (!(await answerPause(sql, place, question, openEnvelope(input.input), by))) {
    throw conflict(`Somebody else answered "${question.key}" of ${input.run} a moment ago.`, { run: input.run });
  }
  if (question.approvers || question.remindEveryMs !== null) {
    const payload = { key: question.key, by };
    await appendEvents(sql, [{ workspaceId: ctx.workspace.id, runId, id: randomUUID(), name: 'approval.answered', payload }]);
  }
  ctx.afterCommit(() => afterCommit(ctx, [{ kind: 'wake-run', workspaceId: ctx.workspace.id, runId }]));
  return moved;
}

async function epochOf(sql: Sql, runId: string): Promise<number | null> {
  const [row] = await sql.query<{ epoch: number }>('SELECT epoch::float8 AS epoch FROM run_dispatch WHERE run_id = $1::uuid', [runId]);
  return row?.epoch ?? null;
}

/** A pause that asks for no input takes none. */
const NO_INPUT = { type: 'object', additionalProperties: false };
