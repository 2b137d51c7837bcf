/** `node agent/src/main.ts start ...` */
import { keepSmall } from './small-memory.ts';

keepSmall();
const { runAgentCli } = await import('./cli.ts');
process.exit(await runAgentCli(process.argv.slice(2)));
