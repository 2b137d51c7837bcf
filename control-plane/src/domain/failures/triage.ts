/** When a group of failures is heard of: once when it begins, once when it comes back, and never in between. */
export type TriagedGroup = {
  readonly mutedUntil: Date | null;
  readonly resolvedAt: Date | null;
  /** Newest version of each deployment when it was resolved; null: resolved as of that instant. */
  readonly resolvedVersions: Readonly<Record<string, number>> | null;
};
export type Occurrence = {
  readonly deploymentId: string;
  /** Number of the version that ran; 0: unknown. */
  readonly version: number;
  /** When its code began, or, if it never did, when it ended. */
  readonly at: Date;
};

export type FailureStatus = 'open' | 'acknowledged' | 'muted' | 'resolved';

export function statusOf(
  group: Pick<TriagedGroup, 'mutedUntil' | 'resolvedAt'> & { readonly acknowledgedAt: Date | null },
  now: Date,
): FailureStatus {
  if (group.resolvedAt) return 'resolved';
  if (group.mutedUntil && group.mutedUntil > now) return 'muted';
  return group.acknowledgedAt ? 'acknowledged' : 'open';
}

/**
 * What an occurrence does to a group that is known: `counted` alone, `reopened` (it was resolved, and is back in a later version or
 * run), or `unmuted` (the time for which it was muted is over, and it is there still). A muted group is reopened silently.
 */
export function hearOf(group: TriagedGroup, occurrence: Occurrence, now: Date): 'counted' | 'reopened' | 'reopened-muted' | 'unmuted' {
  const isMuted = group.mutedUntil !== null && group.mutedUntil > now;
  if (comesBack(group, occurrence)) return isMuted ? 'reopened-muted' : 'reopened';
  if (group.resolvedAt === null && group.mutedUntil !== null && !isMuted) return 'unmuted';
  return 'counted';
}

/** Whether it was resolved, and this shows that it was not. */
function comesBack({ resolvedAt, resolvedVersions }: TriagedGroup, { deploymentId, version, at }: Occurrence): boolean {
  if (!resolvedAt) return false;
  if (resolvedVersions === null) return at > resolvedAt;
  const resolvedIn = resolvedVersions[deploymentId];
  return resolvedIn === undefined || version > resolvedIn;
}
