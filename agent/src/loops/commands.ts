/** Hints of the control plane. Each is repeated in a renewal's answer, so a lost one costs time only. */
import { cancelCommandSchema, holdCommandSchema, wakeCommandSchema } from '@signalbox/proto/messages';
import type { AgentParts } from '../agent-parts.ts';

export function listenForCommands(parts: AgentParts): void {
  parts.channel.onCommand(({ verb, body }) => {
    parts.log.debug({ verb }, 'a command came');
    if (verb === 'cancel') {
      const command = cancelCommandSchema.safeParse(body);
      if (command.success) parts.runs.cancel(command.data);
      else parts.log.warn({ problem: command.error.message }, 'a cancel command that cannot be read was ignored');
    }
    if (verb === 'hold') {
      const command = holdCommandSchema.safeParse(body);
      if (command.success) parts.runs.hold(command.data);
      else parts.log.warn({ problem: command.error.message }, 'a hold command that cannot be read was ignored');
    }
    if (verb === 'wake') {
      const command = wakeCommandSchema.safeParse(body);
      if (command.success) parts.runs.wake(command.data);
      else parts.log.warn({ problem: command.error.message }, 'a wake command that cannot be read was ignored');
    }
    if (verb === 'drain') parts.setDraining('the control plane asks for it', true);
    if (verb === 'rotate') parts.rotateCredential();
  });
}
