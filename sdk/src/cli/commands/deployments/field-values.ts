/** Values of a deployment's fields, as people write and read them. */
import { findField } from '@signalbox/proto/api';
import type { Duration } from '../../../duration.ts';
import { formatMs, toMs } from '../../../duration.ts';
import { CliError } from '../../cli-error.ts';

const MAX_CHARACTERS = 120;

/** `300000` of a duration reads `5 min 0 s`; null `none`; everything else as JSON, texts without quotes. */
export function showValueOf(path: string, value: unknown): string {
  if (value === undefined) return 'removed';
  if (value === null) return 'none';
  if (kindOf(path) === 'duration' && typeof value === 'number') return formatMs(value);
  const text = typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS - 1)}…` : text;
}

/**
 * `timeoutMs=10m`, `parameters.city=Rome`, `concurrencyLimit=none`: a path and its value. The control plane checks it.
 * @throws CliError when there is no `=`, or a duration is none.
 */
export function readSetting(text: string): { path: string; value: unknown } {
  const at = text.indexOf('=');
  if (at < 1)
    throw new CliError(`${text}: expected field=value`, { hint: 'for example timeoutMs=10m parameters.city=Rome concurrencyLimit=none' });
  const path = text.slice(0, at);
  return { path, value: readValue(path, text.slice(at + 1)) };
}

function readValue(path: string, text: string): unknown {
  const kind = kindOf(path);
  if (kind === 'text') return text;
  if (text === 'none' && !path.includes('.')) return null;
  if (kind === 'duration' && !/^\d+$/.test(text)) {
    try {
      return toMs(text as Duration, path);
    } catch (error) {
      throw new CliError((error as Error).message);
    }
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function kindOf(path: string): 'text' | 'json' | 'duration' {
  // A key of a map is whatever its schema wants: JSON where it is JSON, else text.
  return path.includes('.') ? 'json' : (findField(path)?.input ?? 'json');
}
