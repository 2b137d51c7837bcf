/** Headers of `call-webhook`, whose values are secrets: where they may go, which of those that are stored is meant, and what is shown. */
import { type AutomationAction, SEALED_VALUE } from '@signalbox/proto/api';

export type WebhookAction = Extract<AutomationAction, { type: 'call-webhook' }>;
/** The lists of an automation that hold actions. */
export type ActionLists = { readonly onTrigger: readonly AutomationAction[]; readonly onResolve: readonly AutomationAction[] };
export const ACTION_LISTS = ['onTrigger', 'onResolve'] as const;
/** A call of an automation, and where it stands in it. */
export type PlacedCall = { readonly list: keyof ActionLists; readonly index: number; readonly action: WebhookAction };

/** How the value of a header begins where it is stored: what follows is sealed. Without it, it is from before values were. */
export const SEALED_PREFIX = 'sealed:';
/** In the audit: the value is another than the one before. */
const SEALED_ANEW = '(sealed anew)';

export const isSealed = (value: string): boolean => value.startsWith(SEALED_PREFIX);

/** What HTTP takes, for messages: no value is told in one. */
export const HEADER_VALUE = 'a value without line breaks and of characters up to U+00FF';
export const isHeaderValue = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value);

export function callsOf(lists: ActionLists): PlacedCall[] {
  return ACTION_LISTS.flatMap((list) =>
    lists[list].flatMap((action, index) => (action.type === 'call-webhook' ? [{ list, index, action }] : [])),
  );
}

/**
 * The origin that an address leads to whatever is filled into it, such as `https://example.com`; null: a template says where. Read as
 * URLs are: tabs and line breaks are nothing, slashes lean either way, and a host has ended before the first template.
 */
export function fixedOrigin(url: string): string | null {
  const written = url.replace(/[\t\n\r]/g, '');
  const before = written.split(/\{[{%]/, 1)[0] ?? '';
  if (before !== written && !/^https?:[\\/]{2,}[^\\/?#]+[\\/?#]/i.test(before)) return null;
  return URL.canParse(before) ? new URL(before).origin : null;
}

/** Where a value may be sent: an origin, else the very address. */
export const placeOf = (url: string): string => fixedOrigin(url) ?? url;

/**
 * The values, as they are stored, that a header of a call may have had before: of the call that is the same but for values, else of
 * one to the same address with the same method, else of one to the same address; the one in the same place before all others. None: it is
 * a new one. Another path is another address: at some hosts anybody may have one.
 */
export function storedValues({ list, index, action }: PlacedCall, header: string, stored: ActionLists): string[] {
  const there = callsOf(stored).filter((call) => call.action.url === action.url && headerOf(call.action, header) !== undefined);
  const shape = shapeOf(action);
  const tiers = [
    there.filter((call) => shapeOf(call.action) === shape),
    there.filter((call) => call.action.method === action.method),
    there,
  ];
  const near = tiers.find((calls) => calls.length > 0) ?? [];
  const same = near.filter((call) => call.list === list && call.index === index);
  return (same.length > 0 ? same : near).map((call) => headerOf(call.action, header) ?? '');
}

function headerOf({ headers }: WebhookAction, header: string): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === header.toLowerCase())?.[1];
}

/** All of it but the values of headers, in one order. */
function shapeOf({ headers, ...rest }: WebhookAction): string {
  const fields = Object.entries(rest).filter(([, value]) => value !== undefined);
  return JSON.stringify([fields.sort(([a], [b]) => (a < b ? -1 : 1)), Object.keys(headers).sort()]);
}

/**
 * A copy with no value of a header of a call in it, wherever in `value` the call is: in a definition, a list, one action. `known`:
 * values that were stored before; in place of others it says that they are new.
 */
export function hideHeaders<T>(value: T, known?: ReadonlySet<string>): T {
  return hide(value, known) as T;
}

function hide(value: unknown, known: ReadonlySet<string> | undefined): unknown {
  if (Array.isArray(value)) return value.map((each) => hide(each, known));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const isCall = 'type' in value && value.type === 'call-webhook';
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      isCall && key === 'headers' && typeof each === 'object' && each !== null ? hidden(each, known) : hide(each, known),
    ]),
  );
}

function hidden(headers: object, known: ReadonlySet<string> | undefined): object {
  const shown = (value: unknown) => (known === undefined || known.has(String(value)) ? SEALED_VALUE : SEALED_ANEW);
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, shown(value)]));
}

/** A text without these values: whole, as JSON has them, word by word, and a part of one at its end. */
export function withoutValues(text: string, values: readonly string[]): string {
  const parts = values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1), ...value.split(/\s+/).filter(isTelling)]);
  const telling = [...new Set(parts)].filter((part) => part.length >= 4).sort((a, b) => b.length - a.length);
  const whole = telling.reduce((shown, part) => shown.replaceAll(part, SEALED_VALUE), text);
  const cut = Math.max(0, ...telling.map((part) => partAtEnd(whole, part)));
  return cut === 0 ? whole : `${whole.slice(0, -cut)}${SEALED_VALUE}`;
}

/** Words such as `Bearer` or `json` are nobody's secret. */
const isTelling = (word: string): boolean => word.length >= 8;

/** Characters at the end of `text` that begin `part`; 0: under four. */
function partAtEnd(text: string, part: string): number {
  for (let length = Math.min(part.length - 1, text.length); length >= 4; length--) if (text.endsWith(part.slice(0, length))) return length;
  return 0;
}
