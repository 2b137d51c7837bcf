/** Whether an agent and this build can speak with each other at all. */
import { PROTOCOL_MIN_VERSION, PROTOCOL_VERSION } from '@signalbox/proto/messages';
import { z } from 'zod';
import { preconditionFailed } from '../../platform/errors.ts';

/** The part of a hello that every version must keep readable. */
const introduction = z.object({
  protocol: z.object({ min: z.number().int(), max: z.number().int() }),
  agentVersion: z.string().max(50).catch('unknown'),
});

/**
 * Looks before the message is parsed, which an agent of another age would not survive.
 * @throws PRECONDITION_FAILED that names both sides' versions and what to do.
 */
export function checkProtocol(body: unknown): void {
  const hello = introduction.safeParse(body);
  // A hello without them is refused by its schema, field by field.
  if (!hello.success) return;
  const { protocol: theirs, agentVersion } = hello.data;
  if (theirs.min <= PROTOCOL_VERSION && theirs.max >= PROTOCOL_MIN_VERSION) return;
  const ours = { min: PROTOCOL_MIN_VERSION, max: PROTOCOL_VERSION };
  const remedy = theirs.max < ours.min ? 'Upgrade the agent.' : 'Upgrade the control plane, or use an older agent.';
  throw preconditionFailed(
    `This agent (version ${agentVersion}) speaks protocol ${range(theirs)}; this control plane speaks ${range(ours)}. ${remedy}`,
    { reason: 'protocol', agent: theirs, controlPlane: ours },
  );
}

function range({ min, max }: { min: number; max: number }): string {
  return min === max ? `${min}` : `${min} to ${max}`;
}
