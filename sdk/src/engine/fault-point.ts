import { existsSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { FAULT_POINTS } from '@signalbox/proto/faults';

let folder: string | undefined;

/** The child's own of what `proto/faults` says; typed by it, not imported: a cold start loads as little as it can. */
export function watchFaults(env: NodeJS.ProcessEnv): void {
  folder = env['SIGNALBOX_FAULT_DIR'] || undefined;
}

export function faultPoint(point: (typeof FAULT_POINTS)['child'][number]): void {
  if (folder === undefined) return;
  const file = join(folder, point);
  try {
    if (!existsSync(file)) return;
    unlinkSync(file);
  } catch {
    return;
  }
  process.kill(process.pid, 'SIGKILL');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
