/** What a new project holds. A test installs it, type-checks it, runs its test and its flow. */
import { SDK_VERSION } from '../../../version.ts';

/** Texts by file name. */
export function projectFiles({ name, pool, loader }: { name: string; pool: string; loader: string | null }): Record<string, string> {
  const loaderPackage = loader
    ?.split('/')
    .slice(0, loader.startsWith('@') ? 2 : 1)
    .join('/');
  const node = loader === null ? 'node' : `node --import ${loader}`;
  const manifest = {
    name,
    private: true,
    type: 'module',
    scripts: {
      start: `${node} flows/report.ts --param name=world`,
      test: `${node} --test "flows/*.test.ts"`,
      types: 'tsc --noEmit',
      doctor: 'signalbox doctor',
      deploy: 'signalbox deploy',
    },
    dependencies: { '@signalbox/sdk': `^${SDK_VERSION}`, zod: '^4.0.0' },
    devDependencies: {
      '@signalbox/agent': `^${SDK_VERSION}`,
      '@types/node': '^24.0.0',
      ...(loaderPackage ? { [loaderPackage]: '*' } : {}),
      typescript: '^5.9.0',
    },
    engines: { node: '>=22.18' },
  };
  const compiler = {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    ...(loader === null ? { erasableSyntaxOnly: true } : {}),
    types: ['node'],
  };
  return {
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'tsconfig.json': `${JSON.stringify({ compilerOptions: compiler, include: ['**/*.ts'] }, null, 2)}\n`,
    '.gitignore': 'node_modules\n.signalbox\n*.log\n',
    'signalbox.config.ts': config(pool, loader),
    'flows/report.ts': FLOW,
    'flows/report.test.ts': TEST,
    'README.md': readme(name),
  };
}

const FLOW = `import { artifact, flow, task } from '@signalbox/sdk';
import { z } from 'zod';

const greet = task({ name: 'greet', retries: 2, retryDelay: '1s' }, async (name: string) => \`Hello, \${name}\`);

export const report = flow({ name: 'report', parameters: z.object({ name: z.string().default('world') }) }, async ({ name }, ctx) => {
  const greeting = await greet(name);
  ctx.logger.info(greeting);
  artifact.markdown({ key: 'greeting', markdown: \`**\${greeting}**\` });
  return greeting;
});

await report.cli(import.meta);
`;

const TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { report } from './report.ts';

test('greets by name', async () => {
  assert.equal(await report({ name: 'Grace' }), 'Hello, Grace');
});
`;

function config(pool: string, loader: string | null): string {
  const lines = loader === null ? '' : `  loader: '${loader}',\n`;
  return `import { cron, defineConfig } from '@signalbox/sdk';

export default defineConfig({
${lines}  deployments: [
    { flow: 'report', name: 'daily', pool: '${pool}', schedules: [cron('0 8 * * *', { timezone: 'UTC' })], parameters: { name: 'everybody' } },
  ],
});
`;
}

function readme(name: string): string {
  return `# ${name}

\`\`\`sh
npm install
npm start                                  # run the flow here, with no server
npm test
npx signalbox doctor                       # which flows are found, and whether they could run
npx signalbox login --url http://localhost:4200
npx signalbox deploy                       # register signalbox.config.ts, with a diff
npx signalbox run report/daily --watch
\`\`\`
`;
}
