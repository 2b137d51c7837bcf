/** Whether an event fits what a trigger asks of names, labels and relations. */
import type { Event, EventTrigger, LabelMatch } from '@signalbox/proto/api';

export type EventFacts = Pick<Event, 'name' | 'resource' | 'related'>;

/** Whether `text` fits `pattern`: `*` stands for any text, `!` before it turns it round. Nothing fits a label that is not there, save by `!`. */
export function fitsPattern(pattern: string, text: string | undefined): boolean {
  if (pattern.startsWith('!')) return !fitsPattern(pattern.slice(1), text);
  if (text === undefined) return false;
  const parts = pattern.split('*');
  const [head = ''] = parts;
  if (parts.length === 1) return text === pattern;
  if (!text.startsWith(head)) return false;
  // Each part in turn, as early as it comes: linear, whatever the pattern.
  let at = head.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  const tail = parts.at(-1) ?? '';
  return text.length - tail.length >= at && text.endsWith(tail);
}

/** All labels fit; of a list one must, and none that it leaves out by `!` may. */
export function fitsLabels(match: LabelMatch, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(match).every(([label, wanted]) => {
    const all = typeof wanted === 'string' ? [wanted] : wanted;
    const text = Object.hasOwn(labels, label) ? labels[label] : undefined;
    const wants = all.filter((pattern) => !pattern.startsWith('!'));
    const refuses = all.filter((pattern) => pattern.startsWith('!'));
    return (
      refuses.every((pattern) => fitsPattern(pattern, text)) && (wants.length === 0 || wants.some((pattern) => fitsPattern(pattern, text)))
    );
  });
}

/** What an event is to a trigger: it may open a window, count in one, or both. Null: nothing. */
export function roleOf(trigger: EventTrigger, event: EventFacts): { readonly opens: boolean; readonly counts: boolean } | null {
  const opens = trigger.after.some((pattern) => fitsPattern(pattern, event.name));
  const counts = trigger.expect.length === 0 ? !opens : trigger.expect.some((pattern) => fitsPattern(pattern, event.name));
  if (!opens && !counts) return null;
  if (!fitsLabels(trigger.match, event.resource)) return null;
  return trigger.matchRelated.every((match) => event.related.some((labels) => fitsLabels(match, labels))) ? { opens, counts } : null;
}

/** The values of the `forEach` labels, which name a bucket; what is not there is an empty text. */
export function keyOf(trigger: EventTrigger, event: EventFacts): string {
  return JSON.stringify(
    trigger.forEach.map((path) => {
      const [, role, label] = /^related:([^:]+):(.+)$/.exec(path) ?? [];
      const labels = role === undefined ? event.resource : event.related.find((one) => one.role === role);
      const name = label ?? path;
      return labels && Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
    }),
  );
}
