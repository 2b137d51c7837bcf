/** `node agent/src/main.ts start ...` */
import { growWhileBusy, keepSmall } from './small-memory.ts';

keepSmall();
growWhileBusy();
const { runAgentCli } = await import('./cli.ts');
process.exit(await runAgentCli(process.argv.slice(2)));
