/** A run of a deployment, once a delivery: its idempotency key is the id of the delivery. */
import { createRunInput } from '@signalbox/proto/api';
import { sqlOfTx } from '../../../platform/sql.ts';
import { createRun } from '../../runs/index.ts';
import { type ActionOf, type InsideKind, targetOf } from './action-kind.ts';
import { ofDeployment } from './deployments.ts';

export const runDeploymentKind: InsideKind<ActionOf<'run-deployment'>> = {
  scope: 'runs:create',
  audit: 'run.create',
  references: ofDeployment,
  async inside(ctx, action, fired) {
    const { parameters, name, tags, delaySeconds } = action;
    const dueAt = delaySeconds === 0 ? undefined : new Date(Date.parse(fired.firing.firedAt) + delaySeconds * 1_000).toISOString();
    const input = createRunInput.parse({
      deployment: targetOf('deployment', action.deployment, fired),
      parameters,
      tags,
      name: name || undefined,
      dueAt,
      idempotencyKey: fired.deliveryId,
    });
    const { output, facts } = await createRun({ ...ctx, sql: sqlOfTx(ctx.tx) }, input);
    return {
      outcome: {
        message: `Started ${output.name} of ${output.flow.name}/${output.deployment.name}`,
        target: { kind: 'run', id: output.id },
      },
      facts,
    };
  },
};
