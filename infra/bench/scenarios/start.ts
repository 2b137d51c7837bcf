/** `npm start` over data that is there already: from the command to a console that answers. */
import { launcherHome } from '../../e2e/launcher.ts';
import { type Row, row } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { quantile } from '../statistics.ts';

/** What the product promises. */
const BUDGET_S = 10;
const LOOK_EVERY_MS = 20;

export const start: Scenario = {
  about: '`npm start` over data that is there already, to a console that answers',
  async run(bench): Promise<Row[]> {
    await using home = await launcherHome();
    const first = home.start(['--once']);
    if ((await first.ended) !== 0) throw new Error(`the first start failed:\n${first.output()}`);

    const seconds: number[] = [];
    for (let i = 0; i < bench.of(5, 1, 1); i++) {
      const from = performance.now();
      const started = home.start();
      await untilSignIn(`${home.url}/sign-in`, started.ended);
      seconds.push((performance.now() - from) / 1_000);
      started.interrupt();
      await started.ended;
    }
    return [row('second start', 'to a console that answers, p50', 's', quantile(seconds, 0.5), `${BUDGET_S} s budget`, BUDGET_S)];
  },
};

async function untilSignIn(url: string, ended: Promise<number | null>): Promise<void> {
  let isOver = false;
  void ended.then(() => (isOver = true));
  for (;;) {
    const response = await fetch(url).catch(() => null);
    await response?.body?.cancel();
    if (response?.ok) return;
    if (isOver) throw new Error('the launcher ended before its console answered');
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
