import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pictureFlows } from '../../../visualize/read-flow.ts';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';

interface VisualizeOptions extends GlobalOptions {
  readonly flow?: string;
  readonly format: 'mermaid' | 'svg';
  readonly output?: string;
}

/** @throws CliError for a file without the flow. */
export async function visualizeFlow(context: Context, options: VisualizeOptions, file: string): Promise<void> {
  if (!existsSync(file)) throw new CliError(`no such file: ${path.resolve(file)}`);
  const pictures = pictureFlows(path.resolve(file));
  const names = pictures.map(({ flow }) => flow).join(', ') || 'none';
  const [only, ...others] = options.flow === undefined ? pictures : pictures.filter(({ flow }) => flow === options.flow);
  if (!only)
    throw new CliError(`${file} declares ${options.flow === undefined ? 'no flow' : `no flow "${options.flow}"`} (flows: ${names})`);
  if (others.length > 0) throw new CliError(`${file} declares several flows: ${names}`, { hint: 'say which: --flow <name>' });
  if (context.json) return context.printJson(only);
  const text =
    options.format === 'svg'
      ? (await import('../../../visualize/to-svg.ts')).toSvg(only)
      : (await import('../../../visualize/to-mermaid.ts')).toMermaid(only);
  if (options.output === undefined) return void context.host.stdout.write(text);
  writeFileSync(options.output, text);
  context.note(`wrote ${options.output}`);
}
