/** What each loop is doing now, in memory and in `<data dir>/status.json` for `signalbox-agent status`. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type LoopName = 'session' | 'claims' | 'leases' | 'state reports' | 'bulk reports' | 'credential';

export interface StatusSnapshot {
  readonly pid: number;
  readonly name: string;
  readonly at: string;
  readonly startedAt: string;
  readonly connection: string;
  readonly workspace: string | null;
  readonly pool: string | null;
  readonly session: number | null;
  readonly clockOffsetMs: number;
  readonly slots: number;
  readonly free: number;
  readonly draining: string | null;
  readonly warm: number;
  readonly unsent: { readonly state: number; readonly bulk: number };
  readonly spoolBytes: number;
  readonly spoolTrouble: string | null;
  readonly rssBytes: number;
  readonly loops: Readonly<Partial<Record<LoopName, { doing: string; at: string }>>>;
  readonly runs: ReadonlyArray<{ run: string; epoch: number; phase: string; pid: number | null; stalledForMs?: number }>;
}

export class AgentStatus {
  readonly startedAt = new Date().toISOString();
  readonly loops: Partial<Record<LoopName, { doing: string; at: string }>> = {};
  timeline: number | null = null;
  draining: string | null = null;
  spoolTrouble: string | null = null;

  note(loop: LoopName, doing: string): void {
    this.loops[loop] = { doing, at: new Date().toISOString() };
  }
}

const pathOf = (dataDir: string) => join(dataDir, 'status.json');

export function saveStatus(dataDir: string, snapshot: StatusSnapshot): void {
  const path = pathOf(dataDir);
  writeFileSync(`${path}.tmp`, JSON.stringify(snapshot), { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

/** The last snapshot the agent of this folder wrote, null when there is none. */
export function readStatus(dataDir: string): StatusSnapshot | null {
  try {
    return JSON.parse(readFileSync(pathOf(dataDir), 'utf8')) as StatusSnapshot;
  } catch {
    return null;
  }
}
