/**
 * Named points at which tests end this process as hard as a power cut: `SIGNALBOX_FAULT=after-grant-journalled:kill`.
 * Nothing happens at a point that is not armed. One lies after each step from the claim to the call of user code, in this order.
 */
export const FAULT_POINTS = [
  'after-claim',
  'after-claim-journalled',
  'after-launch',
  'after-load',
  'after-grant',
  'after-grant-journalled',
  'after-start-sent',
  'after-end-journalled',
] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

let armed: string | null = null;

/** @throws when the text names no point. */
export function armFault(text: string | undefined): void {
  const [point = '', action] = (text ?? '').split(':');
  if (!text) return;
  if (!(FAULT_POINTS as readonly string[]).includes(point) || action !== 'kill') {
    throw new Error(`SIGNALBOX_FAULT: expected <point>:kill with a point of ${FAULT_POINTS.join(', ')}, got ${text}`);
  }
  armed = point;
}

export function faultPoint(point: FaultPoint): void {
  if (armed !== point) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal is taken when this thread next enters the kernel; nothing of ours may run before.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
