/** What our types cost the compiler, counted and not timed: instantiations that each declaration and its calls add. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');
const HEAD =
  "import { flow, task } from '@signalbox/sdk';\nimport { z } from 'zod';\nexport const schema = z.object({ n: z.number() });\nexport const first = task('first', async (n: number, s: string) => n + s.length);\nexport const main = flow({ name: 'main', parameters: schema }, async ({ n }) => first.map([n], 'x'));\n";
const COPIES = 20;
/** About twice what it takes: room for the compiler's next version, none for a type that multiplies. */
const BUDGET = 1_300;

const declaration = (i: number) => `const t${i} = task({ name: 't${i}', retries: 1 }, async (n: number, s: string) => ({ n, s }));
export const f${i} = flow({ name: 'f${i}', parameters: schema }, async ({ n }) => [await t${i}(n, 'a'), await t${i}.submit(n, 'b'), await t${i}.map([n], 'c')]);
`;

test('a task, a flow and their calls stay within their budget of instantiations', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(path.join(ROOT, 'sdk/test/.project-'));
  try {
    const count = (text: string) => {
      writeFileSync(path.join(folder, 'surface.ts'), text);
      writeFileSync(
        path.join(folder, 'tsconfig.json'),
        JSON.stringify({ extends: path.join(ROOT, 'tsconfig.base.json'), files: ['surface.ts'] }),
      );
      const said = execFileSync(
        process.execPath,
        [path.join(ROOT, 'node_modules/typescript-native/bin/tsc'), '-p', folder, '--extendedDiagnostics', '--singleThreaded'],
        { encoding: 'utf8' },
      );
      return Number(/Instantiations:\s+(\d+)/.exec(said)?.[1]);
    };
    const each = (count(HEAD + Array.from({ length: COPIES }, (_, i) => declaration(i)).join('')) - count(HEAD)) / COPIES;
    expect(each).toBeGreaterThan(0);
    expect(each).toBeLessThan(BUDGET);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
