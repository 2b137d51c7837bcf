/** `signalbox-agent status`: the last snapshot of the agent of this data folder, and whether it still lives. */
import { join } from 'node:path';
import pc from 'picocolors';
import type { AgentConfig } from './config.ts';
import { readHolder } from './data-dir-lock.ts';
import { isAlive } from './launchers/process-identity.ts';
import { readStatus, type StatusSnapshot } from './status.ts';

/** Exit code: 0 when the agent runs, 1 when it does not. */
export function printStatus(config: AgentConfig, json: boolean): number {
  const holder = readHolder(join(config.dataDir, 'agent.lock'));
  const isRunning = holder !== null && isAlive(holder);
  const status = readStatus(config.dataDir);
  if (json) process.stdout.write(`${JSON.stringify({ running: isRunning, status })}\n`);
  else process.stdout.write(`${describe(config.dataDir, isRunning, status)}\n`);
  return isRunning ? 0 : 1;
}

function describe(dataDir: string, isRunning: boolean, status: StatusSnapshot | null): string {
  if (!status) return `No agent has run with ${dataDir}. Start one: signalbox-agent start --join-code <code>`;
  const head = isRunning ? pc.green(`running (process ${status.pid})`) : pc.red(`not running; last seen ${status.at}`);
  return [
    `${pc.bold(status.name)}  ${head}`,
    `  workspace ${status.workspace}, pool ${status.pool}, session ${status.session ?? 'none'}, ${status.connection}`,
    `  slots ${status.slots - status.free} of ${status.slots} used, ${status.warm} warm${status.draining ? `, draining: ${status.draining}` : ''}`,
    `  to tell: ${status.unsent.state} states, ${status.unsent.bulk} logs and artifacts; clock off by ${status.clockOffsetMs} ms`,
    ...(status.spoolTrouble ? [pc.red(`  journal: ${status.spoolTrouble}`)] : []),
    ...Object.entries(status.loops).map(([name, { doing, at }]) => `  ${name}: ${doing} ${pc.dim(at)}`),
    ...status.runs.map(
      (run) => `  ${run.run} ${run.phase}${run.stalledForMs ? ` stalled for ${Math.round(run.stalledForMs / 1000)} s` : ''}`,
    ),
  ].join('\n');
}
