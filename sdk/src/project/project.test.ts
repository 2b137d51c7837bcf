import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliResult, createCliHome } from '../../test/run-cli.ts';
import { discoverFlows } from './discover-flows.ts';
import { loadProject } from './find-config.ts';
import { projectDeployments } from './project-deployments.ts';

// Below this package, so that its files find the SDK.
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(import.meta.dirname, '../../test/.project-'));
  const files = {
    'good.flow.ts': "import { flow } from '@signalbox/sdk';\nexport const good = flow('good', async () => 1);\n",
    'hidden.flow.ts': "import { flow } from '@signalbox/sdk';\nflow('hidden', async () => 1);\nexport const other = 1;\n",
    'enums.flow.ts': 'export enum Color { Red }\n',
    'quits.flow.ts': 'process.exit(3);\n',
    'throws.flow.ts': "throw new Error('no database');\n",
    'helper.ts': 'export const helper = 1;\n',
    'signalbox.config.ts': `import { defineConfig } from '@signalbox/sdk';
export default defineConfig({ flows: ['good.flow.ts'], deployments: [{ flow: 'good', name: 'daily', pool: 'local' }] });\n`,
    'wrong.config.ts': 'export const nothing = 1;\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const withoutConfig = () => loadProject(folder, null);

describe('discoverFlows', () => {
  test('a file that gives no flow says why, and what to do, whatever it does when it is imported', async () => {
    const found = await discoverFlows(await withoutConfig());
    expect(found.map(({ file, flows, why }) => [file, flows.map(({ name }) => name).join(), why])).toEqual([
      ['enums.flow.ts', '', expect.stringMatching(/enum/)],
      ['good.flow.ts', 'good', null],
      ['hidden.flow.ts', '', 'calls flow() and does not export what it gives'],
      ['quits.flow.ts', '', 'ended the process while it was imported'],
      ['throws.flow.ts', '', 'no database'],
    ]);
    expect(found[0]?.hint).toMatch(/loader: 'tsx'/);
  });
});

describe('a project', () => {
  test('deploys what its configuration names, from the file that exports the flow', async () => {
    const [only, ...others] = await projectDeployments(await loadProject(folder));
    expect(others).toEqual([]);
    expect(only?.options).toMatchObject({ name: 'daily', pool: 'local', from: { url: expect.stringMatching(/good\.flow\.ts$/) } });
  });

  test('names the flow that no file exports', async () => {
    const project = await loadProject(folder);
    const wrong = { ...project, config: { ...project.config, deployments: [{ flow: 'bad', name: 'daily', pool: 'local' }] } };
    await expect(projectDeployments(wrong)).rejects.toThrow(/expected the name of a flow that a file exports \(good\), got "bad"/);
  });

  test('hands its loader to wherever the deployment runs', async () => {
    const project = await loadProject(folder);
    const [only] = await projectDeployments({ ...project, config: { ...project.config, loader: 'zod' } });
    expect(only?.options.variables).toEqual({ nodeArgs: ['--import=zod'] });
  });

  test('refuses a configuration that is none, and a loader that is not installed', async () => {
    await expect(loadProject(folder, path.join(folder, 'wrong.config.ts'))).rejects.toThrow(/expected `export default defineConfig/);
    const project = await loadProject(folder);
    await expect(projectDeployments({ ...project, config: { loader: '@acme/none/register' } })).rejects.toThrow(
      /got "@acme\/none\/register": npm install --save-dev @acme\/none$/,
    );
  });
});

describe('signalbox doctor', () => {
  let said: CliResult;
  beforeAll(async () => {
    await using home = await createCliHome();
    said = await home.run(['doctor', folder, '--offline']);
  });
  test('prints the flows found with their files, and ends with 0', () => {
    expect(said.stdout).toMatch(/✓ flow good {2}good\.flow\.ts \(export good\)/);
    expect(said.exitCode, said.stderr).toBe(0);
  });
  test('ends with 6 when all that is wrong is that nobody answers', async () => {
    await using home = await createCliHome();
    const alone = await home.run(['doctor', folder, '--url', 'http://127.0.0.1:9']);
    expect([alone.exitCode, alone.stdout]).toEqual([6, expect.stringMatching(/✗ control plane: http:\/\/127\.0\.0\.1:9/)]);
  });
});

describe('signalbox init', () => {
  test('asks nothing, overwrites nothing, and says what it left', async () => {
    await using home = await createCliHome();
    const target = path.join(folder, 'made');
    await home.run(['init', target, '--pool', 'gpu']);
    expect(readFileSync(path.join(target, 'signalbox.config.ts'), 'utf8')).toContain("pool: 'gpu'");
    writeFileSync(path.join(target, 'README.md'), 'mine');
    rmSync(path.join(target, 'flows/report.ts'));
    const again = await home.run(['init', target, '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({
      written: ['flows/report.ts'],
      kept: expect.arrayContaining(['README.md', 'package.json']),
    });
    expect(readFileSync(path.join(target, 'README.md'), 'utf8')).toBe('mine');
  });

  test('refuses a name that npm would refuse', async () => {
    await using home = await createCliHome();
    const refused = await home.run(['init', path.join(folder, 'other'), '--name', 'My Flows']);
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringMatching(/--name: expected .* got "My Flows"/)]);
  });
});
