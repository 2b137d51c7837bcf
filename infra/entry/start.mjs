// `npm start`: from a fresh clone to a finished run. See infra/dev/up.ts for what happens after the hand-over.
import { run } from './run.mjs';

await run('infra/dev/up.ts', process.argv.slice(2));
