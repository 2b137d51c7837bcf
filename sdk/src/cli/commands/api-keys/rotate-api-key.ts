import type { Context, GlobalOptions } from '../../context.ts';
import { instant } from '../../output/time.ts';
import { findKey } from './find-key.ts';

interface RotateOptions extends GlobalOptions {
  overlapHours?: number;
  expiresInDays?: number;
}

/** The new secret alone goes to standard output; the old key works on for the overlap. */
export async function rotateApiKey(context: Context, options: RotateOptions, ref: string): Promise<void> {
  const { overlapHours, expiresInDays } = options;
  const { id } = await findKey(context, ref);
  const rotated = await (await context.client()).apiKeys.rotate.mutate({ key: id, overlapHours, expiresInDays });
  if (context.json) return context.printJson(rotated);
  const { key } = rotated;
  context.note(`Rotated API key "${key.name}"; the new one expires ${instant(key.expiresAt, context.host.now()) ?? 'never'}.`);
  context.note(`The old one works for ${overlapHours ?? 24} hours more.`);
  context.note(context.style.yellow('The new one is shown once. Keep it now:'));
  context.print(rotated.secret);
}
