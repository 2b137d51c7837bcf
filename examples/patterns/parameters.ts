/** What a flow takes is checked and completed before its code runs; names that cannot be are refused where they are given. */
import { flow, isParameterError, task } from '@signalbox/sdk';
import { z } from 'zod';

let began = 0;
const weigh = flow({ name: 'weigh', parameters: z.object({ grams: z.coerce.number().min(1), unit: z.string().default('g') }) }, (given) => {
  began++;
  return `${given.grams} ${given.unit}`;
});

async function doubled(n: number) {
  return n * 2;
}
const named = task(doubled); // takes the function's name

const refusal = (make: () => unknown) => {
  try {
    return make();
  } catch (error) {
    return error instanceof RangeError;
  }
};

export const parameters = flow('parameters', async () => {
  began = 0;
  const weighed = await weigh({ grams: '40' as never }); // a number from now on
  const wrong = await weigh({ grams: 0 }).catch((error: unknown) => {
    for (let cause = error; cause instanceof Error; cause = cause.cause) if (isParameterError(cause)) return cause.issues[0]?.field;
    return error;
  });
  const banned = refusal(() => task({ name: 'a/b' }, () => 1));
  const nameless = refusal(() =>
    task(
      (
        () => () =>
          1
      )(),
    ),
  );
  return { weighed, wrong, began, banned, nameless, named: [named.name, await named(2)] };
});

export const deployments = [parameters.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await parameters.cli(import.meta);
