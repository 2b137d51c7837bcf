/** "Would have fired": a trigger on what was. */
import { isEventsTrigger, type replayedTriggerSchema, type testAutomationInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { forbidden } from '../../platform/errors.ts';
import type { Ctx } from '../../platform/services.ts';
import { replayTrigger } from '../events/index.ts';
import { replayStates } from './evaluate/replay-states.ts';
import { requireAutomation } from './save.ts';

export async function testAutomation(
  ctx: Ctx,
  { automation, trigger: given, days }: z.output<typeof testAutomationInput>,
): Promise<z.output<typeof replayedTriggerSchema>> {
  if (!ctx.workspace.scopes.has('events:read'))
    throw forbidden('What would have fired is told by events, which are for those who may read events (events:read).', {
      scope: 'events:read',
    });
  const trigger = given ?? (await requireAutomation(ctx, automation ?? '')).trigger;
  return isEventsTrigger(trigger) ? replayTrigger(ctx, { trigger, days }) : replayStates(ctx, trigger, days);
}
