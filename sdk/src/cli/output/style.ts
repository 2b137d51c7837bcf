import picocolors from 'picocolors';
import type { OutputStream } from '../host.ts';

export type Style = ReturnType<typeof picocolors.createColors>;

/** Colors for one stream: on terminals only, unless NO_COLOR or FORCE_COLOR say otherwise. @see https://no-color.org */
export function styleFor(stream: OutputStream, env: Readonly<Record<string, string | undefined>>, wanted = true): Style {
  const off = !wanted || Boolean(env.NO_COLOR) || env.TERM === 'dumb';
  return picocolors.createColors(!off && (Boolean(env.FORCE_COLOR) || stream.isTTY === true));
}
