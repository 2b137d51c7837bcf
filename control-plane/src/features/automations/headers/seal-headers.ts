/**
 * Values of headers of `call-webhook`, from the request that brings them to the call that sends them: what is stored, copied into firings,
 * compared and audited is sealed. A sealed value names its workspace and where it may go, and is opened for nothing else.
 */
import type { FieldIssue } from '@signalbox/proto';
import { AUTOMATION_MAX_BYTES, type AutomationAction, SEALED_VALUE } from '@signalbox/proto/api';
import {
  type ActionLists,
  callsOf,
  fixedOrigin,
  isSealed,
  type PlacedCall,
  placeOf,
  SEALED_PREFIX,
  storedValues,
} from '../../../domain/webhook-headers.ts';
import { invalidInput } from '../../../platform/errors.ts';
import { sealOf } from '../../../platform/seal.ts';

/** Bytes of one value. */
const VALUE_MAX_BYTES = 4_096;

/** Whose values they are, and the secret that seals them. */
export type Owner = { readonly secret: string; readonly workspaceId: string };

/** @throws when it was sealed for another workspace, place or secret. One from before values were sealed is as it is. */
async function openValue({ secret, workspaceId }: Owner, url: string, stored: string): Promise<string> {
  if (!isSealed(stored)) return stored;
  const plain = await sealOf(secret).open(stored.slice(SEALED_PREFIX.length));
  const bound = boundTo(workspaceId, url);
  if (!plain.startsWith(bound)) throw new Error('sealed for another place');
  return plain.slice(bound.length);
}

async function closeValue({ secret, workspaceId }: Owner, url: string, value: string): Promise<string> {
  return `${SEALED_PREFIX}${await sealOf(secret).close(boundTo(workspaceId, url) + value)}`;
}

const boundTo = (workspaceId: string, url: string): string => `${JSON.stringify([workspaceId, placeOf(url)])}\n`;

/**
 * What is to be stored of a definition as it was asked for. A value that stays keeps its seal, so that what is equal compares equal.
 * `before`: where what `SEALED_VALUE` stands for is looked for, in this order.
 *
 * @throws INVALID_INPUT for a value that is not there, is too long, or is for an address of which a template says where it leads
 */
export async function closeHeaders<T extends ActionLists>(owner: Owner, wanted: T, before: readonly ActionLists[] = []): Promise<T> {
  const issues: FieldIssue[] = [];
  const closed = await mapHeaders(wanted, async (call, name, value) => {
    const result = await closeOne(owner, call, { name, value, before });
    if (typeof result === 'string') return result;
    issues.push({ field: `${call.list}.${call.index}.headers.${name}`, ...result });
    return SEALED_VALUE;
  });
  if (issues.length === 0 && JSON.stringify(closed).length > AUTOMATION_MAX_BYTES)
    issues.push({ field: 'onTrigger', expected: `at most ${AUTOMATION_MAX_BYTES / 1024} KB as JSON with values of headers sealed` });
  if (issues.length > 0) throw invalidInput(issues);
  return closed;
}

type Header = { readonly name: string; readonly value: string; readonly before: readonly ActionLists[] };

async function closeOne(owner: Owner, call: PlacedCall, { name, value, before }: Header): Promise<string | { expected: string }> {
  const { url } = call.action;
  const stored = before.map((lists) => storedValues(call, name, lists)).find((values) => values.length > 0) ?? [];
  const seal = (kept: string) => (isSealed(kept) ? kept : closeValue(owner, url, kept));
  if (isSealed(value))
    return before.flatMap((lists) => storedValues(call, name, lists)).includes(value) ? value : { expected: 'the value, not a sealed one' };
  const opened = await Promise.all(stored.map(async (each) => ({ each, plain: await openValue(owner, url, each).catch(() => null) })));
  if (value === SEALED_VALUE) {
    const [first] = opened;
    if (!first) return { expected: 'the value: none is stored for it at this address' };
    if (opened.some(({ plain }) => plain === null))
      return { expected: 'the value anew: what is stored was sealed with another SIGNALBOX_SECRET' };
    if (opened.some(({ plain }) => plain !== first.plain)) return { expected: 'the value: several are stored that it might be' };
    return seal(first.each);
  }
  const same = opened.find(({ plain }) => plain === value);
  if (same) return seal(same.each);
  if (fixedOrigin(url) === null) return { expected: 'no header where a template says which host it is sent to' };
  if (Buffer.byteLength(value) > VALUE_MAX_BYTES) return { expected: `a value of at most ${VALUE_MAX_BYTES} bytes` };
  return closeValue(owner, url, value);
}

/** Seals what is stored in plain text, and leaves all else. */
export function sealPlain<T extends ActionLists>(owner: Owner, stored: T): Promise<T> {
  return mapHeaders(stored, async ({ action }, _name, value) => (isSealed(value) ? value : closeValue(owner, action.url, value)));
}

/** With values as they were written, for checks and nothing else. @throws INVALID_INPUT for one that cannot be opened */
export function openHeaders<T extends ActionLists>(owner: Owner, stored: T): Promise<T> {
  return mapHeaders(stored, ({ list, index, action }, name, value) =>
    openValue(owner, action.url, value).catch(() => {
      throw invalidInput([{ field: `${list}.${index}.headers.${name}`, expected: NOT_OPENED }]);
    }),
  );
}
const NOT_OPENED = 'a value that can be opened: it was sealed with another SIGNALBOX_SECRET, save it anew';

/** One action as it is to be sent, templates not filled in. @throws INVALID_INPUT for a value that cannot be opened */
export async function openAction(owner: Owner, action: AutomationAction): Promise<AutomationAction> {
  const { onTrigger } = await openHeaders(owner, { onTrigger: [action], onResolve: [] });
  return onTrigger[0] ?? action;
}

async function mapHeaders<T extends ActionLists>(
  lists: T,
  to: (call: PlacedCall, name: string, value: string) => Promise<string>,
): Promise<T> {
  const mapped = { onTrigger: [...lists.onTrigger], onResolve: [...lists.onResolve] };
  for (const call of callsOf(lists)) {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(call.action.headers)) headers[name] = await to(call, name, value);
    mapped[call.list][call.index] = { ...call.action, headers };
  }
  return { ...lists, ...mapped };
}
