/** Service levels that a deployment declares in code. A deploy writes those alone: what people promised, and what they switched off, stays. */
import { invalidInput } from '../../platform/errors.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import type { Deployed } from '../deployments/index.ts';
import { addSla } from './service.ts';
import { type NewSla, removeSla, type SlaOfCode, slasOfCode, writeSlaOfCode } from './store.ts';

/** @throws INVALID_INPUT for a name given twice, CONFLICT for one that another service level has, LIMIT_EXCEEDED */
export async function slasForDeploy(ctx: CommandCtx, { deploymentId, input }: Deployed): Promise<string[]> {
  if (input.slas === undefined) return [];
  const sql = sqlOfTx(ctx.tx);
  const wanted = input.slas.map(({ name, kind, asset = null, seconds, severity }): NewSla => {
    const about = kind === 'freshness' ? null : deploymentId;
    return {
      name: name ?? `${input.flow} ${input.name} ${kind}`,
      kind,
      asset,
      seconds,
      severity,
      deploymentId: about,
      codeOf: deploymentId,
    };
  });
  for (const [i, { name }] of wanted.entries()) {
    if (wanted.findIndex((other) => other.name === name) === i) continue;
    throw invalidInput([{ field: `slas.${i}.name`, expected: 'a name of its own', received: name }]);
  }
  const before = await slasOfCode(sql, deploymentId);
  const lines: string[] = [];
  for (const row of before) {
    if (wanted.some((sla) => isSame(row, sla))) continue;
    await removeSla(sql, row.id);
    lines.push(`service level "${row.name}": removed`);
  }
  for (const sla of wanted) {
    const row = before.find((row) => isSame(row, sla));
    const changes = (['seconds', 'severity'] as const).filter((field) => row && row[field] !== sla[field]);
    if (!row) await addSla(ctx, sla);
    else if (changes.length > 0) await writeSlaOfCode(sql, row.id, sla);
    lines.push(
      ...(row
        ? changes.map((field) => `service level "${sla.name}": ${field} ${row[field]} -> ${sla[field]}`)
        : [`service level "${sla.name}": added`]),
    );
  }
  return lines;
}

/** Of another kind or asset it is another promise: what broke the one says nothing of the other. */
function isSame(row: SlaOfCode, { name, kind, asset }: NewSla): boolean {
  return row.name === name && row.kind === kind && row.asset === asset;
}
