import { expectTypeOf } from 'vitest';
import { z } from 'zod';
import { flow } from './flow.ts';
import type { TaskFuture, TaskFutureList } from './future.ts';
import { task } from './task.ts';

// A flow's parameters are what its schema gives; its callers give what the schema takes.
const weather = flow(
  { name: 'weather', parameters: z.object({ years: z.array(z.number()).default([]), city: z.string() }) },
  async (given) => {
    expectTypeOf(given).toEqualTypeOf<{ years: number[]; city: string }>();
    return given.years.length;
  },
);
expectTypeOf(weather.run).parameter(0).toEqualTypeOf<{ years?: number[] | undefined; city: string }>();
expectTypeOf(weather.run).returns.resolves.toEqualTypeOf<number>();
// @ts-expect-error city has no default
void (() => weather());
// @ts-expect-error a number is no city
void (() => weather({ city: 1 }));
weather.deployment({ name: 'daily', pool: 'local', parameters: { city: 'Seattle' } });
// @ts-expect-error years are numbers
weather.deployment({ name: 'daily', pool: 'local', parameters: { years: ['2015'] } });

// Parameters that all have defaults may be left out; a flow without a schema takes what its function says.
const optional = flow({ name: 'optional', parameters: z.object({ n: z.number().default(1) }) }, ({ n }) => n);
void (() => optional());
const typed = flow('typed', ({ who }: { who?: string }) => who ?? 'world');
expectTypeOf(typed.run).returns.resolves.toEqualTypeOf<string>();
void (() => typed());
flow('untyped', (parameters) => expectTypeOf(parameters).toEqualTypeOf<Record<string, unknown>>());

// A task keeps its function's types; every argument may also be the future of one.
const add = task('add', async (a: number, b: number) => a + b);
const sum = task('sum', (numbers: readonly number[]) => numbers.length);
void (async () => {
  expectTypeOf(await add(1, 2)).toEqualTypeOf<number>();
  const future = add.submit(1, 2);
  expectTypeOf(future).toEqualTypeOf<TaskFuture<number>>();
  expectTypeOf(add(future, add.submit(future, 3))).resolves.toEqualTypeOf<number>();
  const list = add.map([1, future], { args: [2] });
  expectTypeOf(list).toEqualTypeOf<TaskFutureList<number>>();
  expectTypeOf(await list).toEqualTypeOf<number[]>();
  await sum(list);
  await sum([future, 1]);
  // @ts-expect-error the second argument is missing
  add.map([1]);
  // @ts-expect-error a text is no number
  await add('1', 2);
  // @ts-expect-error a future of a list is no number
  await add(sum, 2);
});
