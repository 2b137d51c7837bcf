/** Automations, switched off and on by one of them: this one, unless another is named. */
import { requireAutomation, writeSwitch } from '../save.ts';
import { type InsideKind, inferTarget, type Reference } from './action-kind.ts';

const ofAutomation = (enabled: boolean): InsideKind<{ automation?: string | undefined }> => ({
  scope: 'automations:write',
  audit: enabled ? 'automation.enable' : 'automation.disable',
  references: ({ automation }): Reference[] =>
    automation === undefined ? [] : [{ field: 'automation', kind: 'automation', ref: automation }],
  async inside(ctx, action, { event, automation: self }) {
    const automation = action.automation || (event && inferTarget('automation', event)) || self.id;
    const { output, facts } = await writeSwitch(ctx, await requireAutomation(ctx, automation, 'lock'), enabled);
    return {
      outcome: { message: `Switched automation ${output.name} ${enabled ? 'on' : 'off'}`, target: { kind: 'automation', id: output.id } },
      facts,
    };
  },
});
export const pauseAutomationKind = ofAutomation(false);
export const resumeAutomationKind = ofAutomation(true);
