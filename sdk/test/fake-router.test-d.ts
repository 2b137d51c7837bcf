import type { inferRouterOutputs } from '@trpc/server';
import { expectTypeOf, test } from 'vitest';
import type { AppRouter } from '../src/client/index.ts';
import type { createFakeRouter } from './fake-router.ts';

type Fake = ReturnType<typeof createFakeRouter>;

type Made = inferRouterOutputs<Fake>;
type Real = inferRouterOutputs<AppRouter>;
/** Those that the command line does not ask are left out of the fake. */
type Asked = { [K in keyof Made & keyof Real]: Pick<Real[K], keyof Made[K] & keyof Real[K]> };

test('the fake has procedures of the control plane alone, and answers what they answer', () => {
  expectTypeOf<Made>().toExtend<Asked>();
  expectTypeOf<keyof Made>().toExtend<keyof Real>();
});
