/**
 * Named points at which tests end a process as hard as a power cut. One lies after each step from the claim of a run to the first line of
 * its code, in the control plane, in the agent and in the child. A test puts a file of the point's name into the folder that the process was
 * given as `SIGNALBOX_FAULT_DIR`; whoever comes to the point first takes the file away and is gone. Without a folder nothing is looked at.
 */
import { existsSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

/** By who comes there, in the order in which a run does. */
export const FAULT_POINTS = {
  'control-plane': ['claim-asked', 'claim-committed', 'permit-asked', 'permit-committed', 'state-reported', 'state-committed'],
  /** Of a control plane too, from an event to what an automation does: of whichever replica evaluates or acts. */
  automation: ['automation-evaluated', 'automation-fired', 'action-done', 'webhook-delivered'],
  agent: [
    'after-claim',
    'after-claim-journalled',
    'after-launch',
    'after-load',
    'after-grant',
    'after-grant-journalled',
    'after-start-sent',
    'after-end-journalled',
  ],
  child: ['child-told-to-load', 'child-loaded', 'child-told-to-start', 'child-started'],
} as const;
export type FaultPoint = (typeof FAULT_POINTS)[keyof typeof FAULT_POINTS][number];

let folder: string | undefined;

/** `directory`: as given in the environment; undefined in all but tests. */
export function watchFaults(directory: string | undefined): void {
  folder = directory || undefined;
}

export function faultPoint(point: FaultPoint): void {
  if (folder === undefined) return;
  const file = join(folder, point);
  try {
    if (!existsSync(file)) return;
    unlinkSync(file);
  } catch {
    // Another process of the same part was first.
    return;
  }
  process.kill(process.pid, 'SIGKILL');
  // The signal is taken when this thread next enters the kernel; nothing of ours may run before.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
