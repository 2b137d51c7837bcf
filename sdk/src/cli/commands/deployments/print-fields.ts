/** Effective values of a deployment with the layer each comes from. */
import type { EffectiveValue } from '@signalbox/proto/api';
import type { Context } from '../../context.ts';
import { instant } from '../../output/time.ts';
import { harmless } from '../../output/width.ts';
import { showValueOf } from './field-values.ts';

export function printFields(context: Context, fields: readonly EffectiveValue[]): void {
  const { style } = context;
  context.printTable(
    fields,
    [
      { header: 'FIELD', value: (field) => harmless(field.path) },
      { header: 'VALUE', value: (field) => harmless(showValueOf(field.path, field.value)) },
      { header: 'FROM', value: (field) => (field.from === 'overlay' ? style.yellow('overlay') : style.dim(field.from)) },
      { header: 'WHY', value: (field) => harmless(why(context, field)) },
    ],
    'Nothing is set.',
  );
}

/** `ada@example.com: slow today, until 14:00 (code: 5 min)`. */
function why(context: Context, { path, overlay, layers }: EffectiveValue): string {
  if (!overlay) return '';
  const until = overlay.expiresAt ? `, until ${instant(overlay.expiresAt, context.host.now())}` : '';
  const below = layers.findLast(({ layer }) => layer === 'code');
  const hidden = below ? ` (code: ${showValueOf(path, below.value)})` : '';
  return `${overlay.author}${overlay.reason ? `: ${overlay.reason}` : ''}${until}${hidden}`;
}
