import { writeFileSync } from 'node:fs';
import type { Deployment } from '@signalbox/proto/api';
import { type CompileSchema, generateHandles } from '../../../generate/generate-handles.ts';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';

/** Beyond them nobody reads the file; name those that are called. */
const MAX_DEPLOYMENTS = 1_000;

/** @throws CliError when json-schema-to-typescript is not installed, or there are too many; SignalboxError. */
export async function generateModule(context: Context, options: GlobalOptions & { output?: string }, refs: string[]): Promise<void> {
  const compile = await loadCompiler();
  const client = await context.client();
  const found =
    refs.length > 0 ? await Promise.all(refs.map((deployment) => client.deployments.get.query({ deployment }))) : await listAll(context);
  const text = await generateHandles(
    found.map(({ flow, name, description, parameterSchema }) => ({ flow: flow.name, name, description, parameterSchema })),
    compile,
  );
  if (context.json) return context.printJson({ deployments: found.map(({ flow, name }) => `${flow.name}/${name}`), text });
  if (options.output === undefined) return void context.host.stdout.write(text);
  writeFileSync(options.output, text);
  context.note(`wrote ${options.output}: ${found.length} deployment${found.length === 1 ? '' : 's'}`);
}

async function listAll(context: Context): Promise<Deployment[]> {
  const client = await context.client();
  const all: Deployment[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: Deployment[]; nextCursor: string | null } = await client.deployments.list.query({
      limit: 100,
      ...(cursor ? { cursor } : {}),
    });
    all.push(...page.items);
    cursor = page.nextCursor;
    if (all.length > MAX_DEPLOYMENTS) throw new CliError(`expected at most ${MAX_DEPLOYMENTS} deployments: name those that are called`);
  } while (cursor !== null);
  return all;
}

/** A library for people who generate; nobody else installs it. */
async function loadCompiler(): Promise<CompileSchema> {
  try {
    return (await import('json-schema-to-typescript')).compile as CompileSchema;
  } catch (cause) {
    const hint = 'npm install --save-dev json-schema-to-typescript';
    throw new CliError('generating types needs json-schema-to-typescript, which is not installed', { hint, cause });
  }
}
