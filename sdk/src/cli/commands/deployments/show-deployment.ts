import type { Deployment, EffectiveValue } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';
import { instant } from '../../output/time.ts';
import { harmless } from '../../output/width.ts';
import { printSchedules } from '../schedules/print-schedules.ts';
import { printFields } from './print-fields.ts';
import { withSuggestion } from './suggest-deployment.ts';

export async function showDeployment(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const client = await context.client();
  const deployment = await withSuggestion(client, ref, () => client.deployments.get.query({ deployment: ref }));
  const described = await client.deployments.describe.query({ deployment: ref });
  if (context.json) return context.printJson({ ...deployment, fields: described.fields });
  const { style } = context;
  const now = context.host.now();
  context.print(
    `${style.bold(`${deployment.flow.name}/${deployment.name}`)}  ${deployment.paused ? style.yellow('paused') : style.green('active')}`,
    '',
  );
  context.printFields([
    ['id', deployment.id],
    ['description', harmless(deployment.description)],
    ['code', codeOf(deployment)],
    ['digest', `${deployment.digest}  (version ${described.version})`],
    ['pool', deployment.pool ? `${deployment.pool.name} / ${deployment.queue ?? '-'}` : style.red('deleted: its runs cannot start')],
    ['parameters', parametersOf(deployment)],
    ['updated', instant(deployment.updatedAt, now)],
  ]);
  context.print('');
  printFields(context, described.fields.filter(isWorthALine));
  if (deployment.schedules.length > 0) {
    context.print('');
    printSchedules(context, deployment.schedules);
  }
}

/** Defaults nobody touched are left out, and what stands above already. */
function isWorthALine({ field, from }: EffectiveValue): boolean {
  return from !== 'default' && field !== 'description' && field !== 'parameterSchema';
}

function codeOf({ source }: Deployment): string {
  return source.kind === 'path' ? `${source.root}/${source.entrypoint} (${source.exportName})` : `${source.module} (${source.exportName})`;
}

/** `years: array = [2012]`, one line each, required ones marked: what `--param` takes. */
function parametersOf(deployment: Deployment): string | null {
  const schema = deployment.parameterSchema;
  const properties = (schema?.properties ?? {}) as Record<string, { type?: string | string[]; description?: string; default?: unknown }>;
  const required = Array.isArray(schema?.required) ? schema.required : [];
  const names = new Set([...Object.keys(properties), ...Object.keys(deployment.parameters)]);
  const lines = [...names].map((name) => {
    const { type, description, default: fallback } = properties[name] ?? {};
    const value = deployment.parameters[name] ?? fallback;
    const types = type === undefined ? '' : `: ${[type].flat().join(' or ')}`;
    const given = value !== undefined ? ` = ${JSON.stringify(value)}` : required.includes(name) ? ' (required)' : '';
    return harmless(`${name}${types}${given}${description ? `  ${description}` : ''}`);
  });
  return lines.length > 0 ? lines.join('\n') : null;
}
