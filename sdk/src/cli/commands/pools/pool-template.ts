import type { PoolTemplate, ShownPoolTemplate } from '@signalbox/proto/api';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { harmless } from '../../output/width.ts';
import { readText } from '../../read-text.ts';

/** The template alone on standard output, so that it can be edited and set again. */
export async function getTemplate(context: Context, _options: GlobalOptions, pool: string): Promise<void> {
  const shown = await (await context.client()).workPools.getTemplate.query({ pool });
  if (context.json) return context.printJson(shown);
  context.printJson(shown.template);
  context.note(
    context.style.dim(shown.custom ? `Set for ${shown.pool}.` : `The ${shown.launcher} launcher's own; ${shown.pool} has none.`),
  );
  warn(context, shown);
}

export async function setTemplate(context: Context, _options: GlobalOptions, pool: string, file: string): Promise<void> {
  const template = await readTemplate(context, file);
  report(context, await (await context.client()).workPools.setTemplate.mutate({ pool, template }), 'Set the template of');
}

export async function resetTemplate(context: Context, _options: GlobalOptions, pool: string): Promise<void> {
  report(
    context,
    await (await context.client()).workPools.setTemplate.mutate({ pool, template: null }),
    "Gave back the launcher's template to",
  );
}

function report(context: Context, shown: ShownPoolTemplate, did: string): void {
  if (context.json) {
    context.printJson(shown);
    return;
  }
  context.print(`${did} ${shown.pool}. It holds from the next claim on.`);
  warn(context, shown);
}

function warn(context: Context, { conflicts }: ShownPoolTemplate): void {
  if (conflicts.length > 0)
    context.note('', 'Runs of these are refused or lack a variable:', ...conflicts.map((line) => `  ${harmless(line)}`));
}

/** @throws CliError that says what is wrong with the file. */
async function readTemplate(context: Context, file: string): Promise<PoolTemplate> {
  try {
    return JSON.parse(await readText(context, file)) as PoolTemplate;
  } catch (error) {
    const { message } = error as Error;
    throw new CliError(error instanceof CliError ? message : `${file}: ${message}`, {
      hint: 'begin with: signalbox pools template get POOL > template.json',
    });
  }
}
