'use client';
import { useState } from 'react';
import { formatExact, formatRelative, localTimeZone } from '../../lib/format.ts';
import { useNow } from '../../lib/now.tsx';

/** `4 min ago`; the exact instant, in the reader's zone and in UTC, on hover. */
export function RelativeTime({ at, className }: { at: string; className?: string }) {
  const now = useNow();
  // The zone is known in the browser alone, so the title is made when it is first wanted.
  const [title, setTitle] = useState<string>();
  return (
    <time dateTime={at} title={title} className={className} onPointerEnter={() => setTitle(`${formatExact(at)} ${localTimeZone()}\n${at}`)}>
      {formatRelative(at, now)}
    </time>
  );
}
