import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { expectTypeOf, test } from 'vitest';
import type { AppRouter } from '../src/client/index.ts';
import type { createFakeRouter } from './fake-router.ts';

type Fake = ReturnType<typeof createFakeRouter>;

test('the fake has the procedures of the control plane, and answers what they answer', () => {
  expectTypeOf<inferRouterOutputs<Fake>>().toExtend<inferRouterOutputs<AppRouter>>();
  expectTypeOf<keyof inferRouterInputs<Fake>>().toEqualTypeOf<keyof inferRouterInputs<AppRouter>>();
});
