/**
 * What failures of one cause have in common: the kind, the class of what was thrown, its message without what differs from time to
 * time, and the topmost frames of the user's code. Failures of the same signature are one group.
 */
import type { RunFailure } from '@signalbox/proto';

export type FailureSignature = {
  /** Equal texts, one group. */
  readonly signature: string;
  /** One line for people: class and message as they were, at most 300 characters. */
  readonly title: string;
  /** `function dir/file.ts`, topmost first, at most 3; none: nothing of the user's code is in the stack. */
  readonly frames: readonly string[];
};

const FRAMES = 3;
const MESSAGE_MAX = 300;
const TITLE_MAX = 300;
/** Of a stack: user code stands near its top. */
const LINES_READ = 60;

/** `flowId`: groups failures without a frame of the user's code, of which the message says little, by flow. */
export function signatureOf(failure: RunFailure, flowId: string): FailureSignature {
  const { kind, name = '', message, stack = '', exitCode, signal } = failure;
  const frames = framesOf(stack);
  const place = frames.length > 0 ? frames : [flowId];
  const firstLine = message.split('\n', 1)[0]?.trim() ?? '';
  const title = name && !firstLine.startsWith(name) ? `${name}: ${firstLine}` : firstLine || kind;
  return {
    signature: JSON.stringify([kind, name, withoutParticulars(message), place, exitCode ?? null, signal ?? null]),
    title: title.length > TITLE_MAX ? `${title.slice(0, TITLE_MAX - 1)}…` : title,
    frames,
  };
}

/** In this order: what is more particular first. */
const PARTICULARS: readonly (readonly [RegExp, string])[] = [
  [/\p{Cc}\[[\d;]*m/gu, ''],
  [/\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/"'@]*@)?([^\s/"':?#]+)[^\s"'<>)]*/gi, '$1$2'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b[a-z]{2,8}_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g, '<id>'],
  [/\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?\b/g, '<time>'],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '<email>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<address>'],
  [/(?:[A-Za-z]:)?(?:[\\/][\w.@%+~-]+){2,}/g, '<path>'],
  [/\b0x[0-9a-f]+\b|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b/gi, '<hex>'],
];
/** A number that tells one failure from another: a status, a code. */
const TELLING = /(?:\b(?:http|status|code|errno|exit)(?: code| status)?[ :=/]*(?:\d\.\d )?)$/i;

/** The first line, with placeholders for ids, times, addresses, paths and numbers. Done twice it changes nothing more. */
export function withoutParticulars(message: string): string {
  const [line = ''] = message.trim().split('\n', 1);
  const replaced = PARTICULARS.reduce((text, [pattern, placeholder]) => text.replace(pattern, placeholder), line.slice(0, 2_000));
  const numbers = replaced.replace(/\d+(?:[.,]\d+)*/g, (digits, at: number) =>
    TELLING.test(replaced.slice(0, at)) && digits.length <= 3 ? digits : '<n>',
  );
  return numbers.replace(/\s+/g, ' ').trim().slice(0, MESSAGE_MAX);
}

const FRAME = /^\s*at (?:(?<fn>.+?) \()?(?<place>(?:file:\/\/)?[^()]+?)(?::\d+)?(?::\d+)?\)?$/;
/** Not the user's: the runtime, packages, and ours wherever it lies. */
const FOREIGN = /^node:|[\\/]node_modules[\\/]|^native$|^<anonymous>|[\\/]@signalbox[\\/]|[\\/]sdk[\\/]src[\\/](?:engine|child)/;

function framesOf(stack: string): string[] {
  const frames: string[] = [];
  for (const line of stack.split('\n', LINES_READ)) {
    const { fn = '', place = '' } = FRAME.exec(line)?.groups ?? {};
    if (!place || FOREIGN.test(place.replace(/^file:\/\//, ''))) continue;
    const file = fileOf(place);
    // Another call of the same function says nothing more: recursion has any depth.
    const frame = `${functionOf(fn)} ${file}`.trim();
    if (frames.at(-1) !== frame) frames.push(frame);
    if (frames.length === FRAMES) break;
  }
  return frames;
}

/** The last two parts of a path: code lies elsewhere on each machine, and lines move with each version. */
function fileOf(place: string): string {
  const parts = place
    .replace(/^file:\/\//, '')
    .replace(/[?#].*$/, '')
    .split(/[\\/]/)
    .filter((part) => part !== '' && !/^(?:[0-9a-f]{12,}|sha256.*)$/i.test(part));
  return parts.slice(-2).join('/');
}

function functionOf(fn: string): string {
  return fn
    .replace(/^(?:async|new) /, '')
    .replace(/ \[as .*\]$/, '')
    .replace(/^(?:Object|Module|Function|process)\./, '');
}
