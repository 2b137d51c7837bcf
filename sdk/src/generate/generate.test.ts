import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { compile } from 'json-schema-to-typescript';
import { expect, test } from 'vitest';
import { type CompileSchema, generateHandles } from './generate-handles.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const weather = {
  flow: 'weather',
  name: 'daily',
  description: 'Figures */ of a day',
  parameterSchema: {
    type: 'object',
    properties: { years: { type: 'array', items: { type: 'integer' } }, threshold: { type: 'number', default: 5 } },
    required: ['years'],
    additionalProperties: false,
  },
};
const others = ['1st load', '1st_load'].map((flow) => ({ flow, name: 'x', description: '', parameterSchema: null }));

test('handles take the parameters of their deployment and refuse others, as the compiler sees them', { timeout: 60_000 }, async () => {
  const text = await generateHandles([weather, ...others], compile as CompileSchema);
  expect(text).toContain('export const weatherDaily = remote<WeatherDailyParameters>("weather/daily");');
  expect(text).toContain('export const d1StLoadX2 = remote<D1StLoadX2Parameters>("1st_load/x");');
  // Below this package, so that the SDK is found; a folder of its own, so that nothing else is.
  const folder = mkdtempSync(path.join(ROOT, 'sdk/test/.project-'));
  try {
    writeFileSync(path.join(folder, 'deployments.ts'), text);
    writeFileSync(
      path.join(folder, 'use.ts'),
      `import { d1StLoadX, weatherDaily } from './deployments.ts';
await weatherDaily.run<number>({ parameters: { years: [2012] }, wait: false });
await d1StLoadX.run({});
// @ts-expect-error: years are numbers
await weatherDaily.run({ parameters: { years: ['2012'] } });
// @ts-expect-error: a name that the schema does not have
await weatherDaily.run({ parameters: { years: [], year: 1 } });
// @ts-expect-error: years are required
await weatherDaily.run({});
`,
    );
    const compilerOptions = { noEmit: true };
    writeFileSync(
      path.join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: path.join(ROOT, 'tsconfig.base.json'), compilerOptions, include: ['*.ts'] }),
    );
    const tsc = path.join(ROOT, 'node_modules/typescript-native/bin/tsc');
    let said = '';
    try {
      execFileSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    } catch (error) {
      said = (error as { stdout: string }).stdout;
    }
    expect(said).toBe('');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
