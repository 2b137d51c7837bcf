/**
 * Checks the way to the control plane hop by hop and names the first one that fails, with what to do. Nothing it does
 * disturbs an agent that runs beside it.
 */
import pc from 'picocolors';
import type { AgentConfig } from './config.ts';
import { localChecks } from './doctor/local-checks.ts';
import { networkChecks } from './doctor/network-checks.ts';

export interface Finding {
  readonly hop: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** One hop; later hops of the same way are skipped when it fails. */
export interface Check {
  readonly hop: string;
  run(): Promise<Omit<Finding, 'hop'>>;
}

/** Exit code: 0 when all hops are sound, 1 otherwise. */
export async function runDoctor(config: AgentConfig, json: boolean): Promise<number> {
  const findings = await diagnose(config);
  if (json) process.stdout.write(`${JSON.stringify({ ok: findings.every(({ ok }) => ok), findings })}\n`);
  else for (const finding of findings) process.stdout.write(`${describe(finding)}\n`);
  return findings.every(({ ok }) => ok) ? 0 : 1;
}

export async function diagnose(config: AgentConfig): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of localChecks(config)) findings.push(await carryOut(check));
  for (const check of networkChecks(config)) {
    const finding = await carryOut(check);
    findings.push(finding);
    if (!finding.ok) break;
  }
  return findings;
}

async function carryOut(check: Check): Promise<Finding> {
  try {
    return { hop: check.hop, ...(await check.run()) };
  } catch (error) {
    return { hop: check.hop, ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

function describe({ hop, ok, detail, fix }: Finding): string {
  const mark = ok ? pc.green('ok  ') : pc.red('FAIL');
  return `${mark} ${hop.padEnd(22)} ${detail}${fix && !ok ? `\n     ${pc.yellow('fix:')} ${fix}` : ''}`;
}
