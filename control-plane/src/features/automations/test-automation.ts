/** "Would have fired": a trigger on the events that were. */
import { isEventsTrigger, type replayedTriggerSchema, type testAutomationInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { invalidInput } from '../../platform/errors.ts';
import type { Ctx } from '../../platform/services.ts';
import { replayTrigger } from '../events/index.ts';
import { requireAutomation } from './save.ts';

export async function testAutomation(
  ctx: Ctx,
  { automation, trigger: given, days }: z.output<typeof testAutomationInput>,
): Promise<z.output<typeof replayedTriggerSchema>> {
  const trigger = given ?? (await requireAutomation(ctx, automation ?? '')).trigger;
  if (isEventsTrigger(trigger)) return replayTrigger(ctx, { trigger, days });
  throw invalidInput([
    { field: 'trigger.type', expected: 'a trigger of events: figures and deadlines are not replayed', received: trigger.type },
  ]);
}
