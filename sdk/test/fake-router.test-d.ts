import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { expectTypeOf, test } from 'vitest';
import type { AppRouter } from '../src/client/index.ts';
import type { createFakeRouter } from './fake-router.ts';

type Fake = ReturnType<typeof createFakeRouter>;

/** Those that the command line does not ask are left out of the fake. */
type Asked = keyof inferRouterOutputs<Fake>;

test('the fake has procedures of the control plane alone, and answers what they answer', () => {
  expectTypeOf<inferRouterOutputs<Fake>>().toExtend<Pick<inferRouterOutputs<AppRouter>, Asked>>();
  expectTypeOf<keyof inferRouterInputs<Fake>>().toExtend<keyof inferRouterInputs<AppRouter>>();
});
