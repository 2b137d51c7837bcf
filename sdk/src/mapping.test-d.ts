import { expectTypeOf } from 'vitest';
import { allowFailure, unmapped } from './annotations.ts';
import { flow } from './flow.ts';
import type { TaskFutureList } from './future.ts';
import { all } from './futures.ts';
import { completed, failed } from './returned-state.ts';
import { task } from './task.ts';

const add = task('add', (a: number, b: number) => a + b);
const join = task('join', (parts: readonly string[], glue: string) => parts.join(glue));
const look = task('look', (given: number | Error) => String(given));

void (async () => {
  expectTypeOf(add.map([1, 2], [3, 4])).toEqualTypeOf<TaskFutureList<number>>();
  expectTypeOf(add.map([1, 2], 5)).toEqualTypeOf<TaskFutureList<number>>();
  add.map([1, 2], unmapped(5));
  add.map(add.map([1], [2]), 5);
  join.map([['a'], ['b']], ', ');
  join.map(unmapped(['a']), [', ', '; ']);
  // @ts-expect-error a list argument of one run must be wrapped: this maps over texts
  join.map(['a', 'b'], ', ');
  // @ts-expect-error texts are no numbers
  add.map(['a'], 1);
  await look(allowFailure(add.submit(1, 2)));
  // @ts-expect-error it may be an error, which add does not take
  await add(allowFailure(add.submit(1, 2)), 1);
  expectTypeOf(await all([add.submit(1, 2), 'text' as string])).toEqualTypeOf<[number, string]>();
  await add.with({ name: 'final', waitFor: [add.submit(1, 2), add.map([1], 2)] })(1, 2);
  expectTypeOf(await add.map([1], 2).results()).toEqualTypeOf<number[]>();
});

// A returned state gives its caller the data; a failed one nothing.
const maybe = task('maybe', (n: number) => (n > 0 ? completed({ name: 'Positive', data: n }) : failed({ message: 'no' })));
expectTypeOf(maybe(1)).resolves.toEqualTypeOf<number>();
const whole = flow('whole', () => completed({ data: 'x' }));
expectTypeOf(whole.run).returns.resolves.toEqualTypeOf<string>();
