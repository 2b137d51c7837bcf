/** How much happens at once: in a map, in a flow, with a tag, in a limit that all runs share; and how often, by a rate. */
import { concurrency, flow, limit, rateLimit, sleep, task } from '@signalbox/sdk';

limit({ name: 'tag:pattern-scanner', slots: 2, description: 'Tasks with this tag at once' });
const press = limit({ name: 'pattern-press', slots: 1, description: 'One at a time' });
const gateway = limit({ name: 'pattern-gateway', slots: 50, decayPerSecond: 1_000, description: 'What the gateway answers' });

const inside = new Map<string, number>();
const most = new Map<string, number>();
async function work(place: string): Promise<void> {
  const now = (inside.get(place) ?? 0) + 1;
  inside.set(place, now);
  most.set(place, Math.max(now, most.get(place) ?? 0));
  await sleep(5);
  inside.set(place, (inside.get(place) ?? 1) - 1);
}

const mapped = task({ name: 'mapped', maxConcurrency: 2 }, (_n: number) => work('map'));
const scanned = task({ name: 'scanned', tags: ['pattern-scanner'] }, (_n: number) => work('tag'));
const printed = task('printed', (_n: number) => concurrency(press, () => work('limit')));
const asked = task('asked', (_n: number) => rateLimit(gateway));
const crowd = task('crowd', (_n: number) => work('flow'));

export const limiting = flow({ name: 'limiting', maxConcurrency: 3 }, async () => {
  const five = [1, 2, 3, 4, 5];
  for (const step of [mapped, scanned, printed, asked, crowd]) await step.map(five);
  const within = (place: string, bound: number) => (most.get(place) ?? Number.NaN) <= bound;
  return { map: within('map', 2), tag: within('tag', 2), limit: within('limit', 1), flow: within('flow', 3) };
});

export const deployments = [limiting.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await limiting.cli(import.meta);
