// `npm test`: installs what tests need, then runs all of them. See infra/test/run.ts and vitest.config.ts.
import { run } from './run.mjs';

await run('infra/test/run.ts', process.argv.slice(2));
