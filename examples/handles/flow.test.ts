import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { DeploymentDefinition } from '@signalbox/sdk';
import { createTestRuntime } from '@signalbox/sdk/testing';
import { compile } from 'json-schema-to-typescript';
import { expect, test } from 'vitest';
import { loadDeployments, toDeployInput } from '../../sdk/src/deployments.ts';
import { type CompileSchema, generateHandles } from '../../sdk/src/generate/generate-handles.ts';
import { regionOne } from './deployments.ts';
import { handles } from './flow.ts';

test('the handles are what the schema of the deployment says', async () => {
  const [one] = await loadDeployments(path.join(import.meta.dirname, '../family/flow.ts'));
  const { flow, name, parameterSchema = null } = await toDeployInput(one as DeploymentDefinition);
  const text = await generateHandles([{ flow, name, description: '', parameterSchema }], compile as CompileSchema);
  // The file went through a formatter.
  const bare = (source: string) => source.replaceAll(/[\s;,'"|]/g, '');
  expect(bare(text)).toBe(bare(readFileSync(path.join(import.meta.dirname, 'deployments.ts'), 'utf8')));
});

test('a call asks for the deployment with its parameters, and the compiler refuses others', async () => {
  const asked: unknown[] = [];
  const runtime = createTestRuntime().deployment('region/one', (parameters) => {
    asked.push(parameters);
    return 5;
  });
  expect((await runtime.run(handles)).expectCompleted()).toBe(5);
  expect(asked).toEqual([{ name: 'north' }]);
  // Never called: the type check of the examples reads them.
  expect([
    // @ts-expect-error: a name is a text
    () => regionOne.run({ parameters: { name: 5 } }),
    // @ts-expect-error: it must be given
    () => regionOne.run({}),
  ]).toHaveLength(2);
});
