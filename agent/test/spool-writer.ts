/** Appends to a journal as fast as it can and prints each position once it is on disk. Killed by the test. */
import { Spool } from '../src/spool/spool.ts';

const spool = await Spool.open({ folder: process.argv[2] ?? '', segmentBytes: 20_000 });
for (let i = 1; ; i++) {
  await spool.report('state', { k: 'run_x:1', t: 'task.state' }, { type: 'task.state', filler: 'y'.repeat(i % 300) });
  process.stdout.write(`${i}\n`);
}
