/** `npm run docs:api`: writes docs/reference/sdk.md; with `--check` fails when what lies there is of other sources. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../dev/paths.ts';
import { apiReference } from './api-reference.ts';

const page = join(ROOT, 'docs/reference/sdk.md');
const text = apiReference();
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
  console.error('docs/reference/sdk.md is not what the docstrings say');
  process.exitCode = 1;
}
