/** A deploy's answer for people: what changes in code, what of it a person has hidden, and what became of schedules, automations and service levels. */
import type { CodeChange, OverlayEntry } from '@signalbox/proto/api';
import type { DeployedDeployment } from '../../../deploy.ts';
import type { Context } from '../../context.ts';
import { instant } from '../../output/time.ts';
import { harmless } from '../../output/width.ts';
import { showValueOf } from '../deployments/field-values.ts';

export function printDeployed(context: Context, reply: DeployedDeployment): void {
  const { style } = context;
  const { deployment, created, diff, schedules, owned = [], warnings } = reply;
  const isChanged = diff.length + schedules.length + owned.length > 0;
  const word = created ? style.green('created') : isChanged ? style.yellow('changed') : style.dim('unchanged');
  context.print(`${style.bold(`${deployment.flow.name}/${deployment.name}`)}  ${word}`);
  for (const change of diff) {
    context.print(`  ${signOf(context, change)} ${harmless(describe(change))}`);
    if (change.hiddenBy) context.print(`      ${style.yellow('hidden')} ${harmless(describeOverlay(context, change.hiddenBy))}`);
  }
  for (const line of schedules) {
    const sign = / none -> /.test(line) ? style.green('+') : / -> none$/.test(line) ? style.red('-') : style.yellow('~');
    context.print(`  ${sign} ${harmless(line)}`);
  }
  for (const line of owned) {
    const sign = line.endsWith(': added') ? style.green('+') : line.endsWith(': removed') ? style.red('-') : style.yellow('~');
    context.print(`  ${sign} ${harmless(line)}`);
  }
  for (const warning of warnings) context.print(`  ${style.red('!')} ${harmless(warning)}`);
}

/** `by ada@example.com: 10 min ("slow today"), until tomorrow`. */
export function describeOverlay(context: Context, entry: OverlayEntry): string {
  const value = entry.removed ? 'removed' : showValueOf(entry.path, entry.value);
  const until = entry.expiresAt ? `until ${instant(entry.expiresAt, context.host.now())}` : 'until it is reset';
  return `by ${entry.author}: ${value}${entry.reason ? ` ("${entry.reason}")` : ''}, ${until}`;
}

function signOf({ style }: Context, change: CodeChange): string {
  if (!('before' in change)) return style.green('+');
  return 'after' in change ? style.yellow('~') : style.red('-');
}

function describe(change: CodeChange): string {
  const side = (name: 'before' | 'after') => (name in change ? showValueOf(change.path, change[name]) : 'not set');
  return `${change.path}: ${side('before')} -> ${side('after')}`;
}
