/**
 * Takes stock at many shelves of a warehouse whose scanner gateway serves two at once and answers ten questions a second.
 * Every run of this flow, and of any other that names the same limits, shares them; without a server they hold in this process.
 */
import { artifact, concurrency, flow, limit, rateLimit, sleep, task } from '@signalbox/sdk';
import { z } from 'zod';

/** How many tasks with the tag `scanner` run at once. */
limit({ name: 'tag:scanner', slots: 2, description: 'The gateway serves two scanners at once' });
/** Five questions at once, then ten a second. */
const questions = limit({ name: 'gateway-questions', slots: 5, decayPerSecond: 10, description: 'What the gateway answers' });
/** Only one writes the ledger. */
const ledger = limit({ name: 'stock-ledger', slots: 1, description: 'One writer at a time' });

let scanning = 0;
let mostScanning = 0;

const countShelf = task({ name: 'count-shelf', tags: ['scanner'], retries: 2 }, async (shelf: number) => {
  mostScanning = Math.max(mostScanning, ++scanning);
  try {
    await rateLimit(questions);
    await sleep(20);
    return { shelf, boxes: (shelf * 7) % 13 };
  } finally {
    scanning--;
  }
});

export const takeStock = flow(
  { name: 'take-stock', parameters: z.object({ shelves: z.int().min(1).max(200).default(12) }) },
  async ({ shelves }, { logger }) => {
    const counted = await countShelf.map(Array.from({ length: shelves }, (_, i) => i + 1));
    const boxes = await concurrency(ledger, { timeout: '1m' }, async () => counted.reduce((sum, one) => sum + one.boxes, 0));
    artifact.table({ key: 'stock', rows: counted });
    logger.info(`${boxes} boxes on ${shelves} shelves; at most ${mostScanning} were scanned at once`);
    return boxes;
  },
);

export const deployments = [takeStock.deployment({ name: 'default', pool: 'local' })];

await takeStock.cli(import.meta);
