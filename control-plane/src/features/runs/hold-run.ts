import { randomUUID } from 'node:crypto';
import { toUuid } from '@signalbox/proto';
import type { holdRunInput, RunSummary } from '@signalbox/proto/api';
import type { PauseKind } from '@signalbox/proto/messages';
import type { z } from 'zod';
import type { Audited } from '../../platform/audit.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { insertPause } from '../pauses/index.ts';
import { actorName, moveRun } from './move-run.ts';

type Input = z.output<typeof holdRunInput>;

/** Before its next task the run waits for a person; its process and its slots stay. @throws CONFLICT when no process of it runs. */
export const pauseRun = (ctx: CommandCtx, input: Input) => holdRun(ctx, input, 'pause');

/**
 * Its process leaves once the tasks that run have ended, and is killed when it does not; its slots are free meanwhile.
 * @throws CONFLICT when no process of it runs.
 */
export const suspendRun = (ctx: CommandCtx, input: Input) => holdRun(ctx, input, 'suspend');

/** A wish that is kept in the run's row until its agent has carried it out. Wished for twice, it is the first wish. */
async function holdRun(ctx: CommandCtx, input: Input, how: PauseKind): Promise<Audited<RunSummary>> {
  const by = actorName(ctx);
  const key = `by-hand-${randomUUID()}`;
  const wanted = { how, key, timeoutMs: input.timeoutMs ?? null, message: input.message ?? null };
  return moveRun(
    ctx,
    input,
    { kind: 'hold', by, wanted },
    {
      onAccept: () =>
        insertPause(sqlOfTx(ctx.tx), toUuid('run', input.run), {
          ...wanted,
          inputSchema: null,
          askedBy: by,
          approvers: null,
          remindEveryMs: null,
          onExpire: null,
        }),
    },
  );
}
