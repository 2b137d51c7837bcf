/** One thing to tell, whatever the channel. */
import type { Severity } from '@signalbox/proto/api';
import { SEVERITIES } from '@signalbox/proto/api';

export type Notice = {
  /** Stable over all attempts: the other side can tell a repeat. */
  readonly id: string;
  readonly subject: string;
  /** Plain text; may be empty. */
  readonly body: string;
  readonly severity: Severity;
  /** Names the problem; null: it stands alone. At most 255 characters. */
  readonly fingerprint: string | null;
  readonly isRecovery: boolean;
  /** How often the problem had happened by then. */
  readonly occurrences: number;
  readonly at: Date;
  /** Page of the console about it. */
  readonly link: string | null;
};

const LINES = 20;

/** Several notices as one: the worst severity, a line each, at most 20. `notices` are at least one, oldest first. */
export function digestOf(notices: readonly Notice[]): Notice {
  const [first] = notices;
  if (!first) throw new RangeError('a digest is made of one notice or more');
  if (notices.length === 1) return first;
  const problems = notices.filter((notice) => !notice.isRecovery);
  const over = notices.length - problems.length;
  const worst = Math.max(...(problems.length > 0 ? problems : notices).map(({ severity }) => SEVERITIES.indexOf(severity)));
  const lines = notices.slice(0, LINES).map(lineOf);
  const more = notices.length > LINES ? [`and ${notices.length - LINES} more`] : [];
  return {
    id: first.id,
    subject: `${notices.length} notifications${over > 0 ? `, ${over} of them recoveries` : ''}`,
    body: [...lines, ...more].join('\n'),
    severity: SEVERITIES[worst] ?? 'minor',
    fingerprint: null,
    isRecovery: problems.length === 0,
    occurrences: 1,
    at: notices.at(-1)?.at ?? first.at,
    link: null,
  };
}

function lineOf({ severity, subject, isRecovery, occurrences }: Notice): string {
  return `- ${isRecovery ? 'over' : severity}: ${clip(subject, 200)}${occurrences > 1 ? ` (${occurrences} times)` : ''}`;
}

/** At most `max` characters, with an ellipsis where some are left out; no half of a surrogate pair. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
