/**
 * A report that a person approves before it is sent. The run holds no process and no slot while it waits: it may wait
 * for days, and go on on another machine.
 *
 *   signalbox run approval/demo --param month=2026-10
 *   signalbox runs resume <run> --param approved=true --param comment="Looks right"
 */
import { flow, runContext, suspend, task } from '@signalbox/sdk';
import { z } from 'zod';

const writeReport = task({ name: 'write-report' }, (month: string) => ({ month, revenue: 1_250 + month.length }));

const sendReport = task({ name: 'send-report', retries: 3 }, (report: { month: string }, to: string) => {
  runContext().logger.info(`sent the report of ${report.month} to ${to}`);
  return to;
});

export const approval = flow(
  { name: 'approval', parameters: z.object({ month: z.string().default('2026-10'), to: z.string().default('board@example.com') }) },
  async ({ month, to }, { logger }) => {
    const report = await writeReport(month);
    const { approved, comment } = await suspend({
      key: 'approve',
      message: `Revenue of ${report.month} is ${report.revenue}. Send the report to ${to}?`,
      input: z.object({ approved: z.boolean().describe('Send it'), comment: z.string().max(500).default('').describe('Why') }),
      timeout: '7d',
    });
    if (!approved) {
      logger.warn(`not sent: ${comment || 'no reason was given'}`);
      return 'rejected';
    }
    await sendReport(report, to);
    return 'sent';
  },
);

export const deployments = [approval.deployment({ name: 'demo', pool: 'local', tags: ['example'] })];

await approval.cli(import.meta);
