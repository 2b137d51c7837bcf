/** A thousand real agents in one process, for what they cost the control plane: `node crowd.ts URL FOLDER`, join codes on standard input. */
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { runAgent } from '../../agent/src/agent.ts';
import { readConfig } from '../../agent/src/config.ts';
import { createLog } from '../../agent/src/log.ts';

const [url = '', folder = ''] = process.argv.slice(2);
const codes = (await text(process.stdin)).split('\n').filter(Boolean);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const log = createLog('fatal');
/** Enrolled at a time: each costs the control plane a signature. */
const AT_ONCE = 20;
const open: Promise<void>[] = [];
for (const [index, joinCode] of codes.entries()) {
  const config = readConfig({ url, joinCode, name: `crowd-${index}`, dataDir: join(folder, `crowd-${index}`), slots: '1', warm: '0' });
  open.push(runAgent(config, log, stop.signal, stop.signal));
  if (index % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setTimeout(resolve, 200));
}
await Promise.all(open);
process.exit(0);
