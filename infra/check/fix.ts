/** `npm run fix`: formats, sorts imports, and applies the safe repairs of the linter. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../dev/paths.ts';

const { status } = spawnSync(join(ROOT, 'node_modules/.bin/biome'), ['check', '--write', '.'], { cwd: ROOT, stdio: 'inherit' });
process.exitCode = status ?? 1;
