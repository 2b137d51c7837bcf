/** `node agent/src/main.ts start ...` */
import { runAgentCli } from './cli.ts';

process.exit(await runAgentCli(process.argv.slice(2)));
