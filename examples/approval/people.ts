/**
 * A payment that certain people approve: whoever else may operate runs is refused. They are asked in the console's inbox; the
 * run holds no process meanwhile, and says so again every four hours.
 *
 *   signalbox run payment/demo --param amount=900
 *   signalbox runs resume <run> --param approved=true --param account=DE02      # by one of them
 */
import { approve, flow, task } from '@signalbox/sdk';
import { z } from 'zod';

const pay = task({ name: 'pay' }, (amount: number, account: string) => `${amount} to ${account}`);

export const payment = flow(
  { name: 'payment', parameters: z.object({ amount: z.number().default(900), by: z.email().default('owner@example.com') }) },
  async ({ amount, by }) => {
    const answer = await approve({
      key: 'pay',
      message: `Pay ${amount}?`,
      from: { people: [by] }, // and teams: ['finance']
      input: z.object({ account: z.string().min(1) }),
      deadline: '2d',
      remindEvery: '4h',
    });
    if (!answer.approved) return `refused: ${answer.comment}`;
    return pay(amount, answer.input.account);
  },
);

export const deployments = [payment.deployment({ name: 'demo', pool: 'local', tags: ['example'] })];

await payment.cli(import.meta);
