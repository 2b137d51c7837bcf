'use client';
import type { RunId, RunStateType } from '@signalbox/proto';
import type { Blocker } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { Notice } from '../../components/ui/notice.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { runQueries } from './queries.ts';

type WaitingForProps = { run: RunId; state: RunStateType; reasons: readonly string[]; isLate: boolean };

/** The dispatcher's own reasons: what is in the way, since when, who holds it, what frees it. */
export function WaitingFor({ run, state, reasons, isLate }: WaitingForProps) {
  const explained = useQuery({ ...runQueries(api).explain(run, reasons), enabled: reasons.length > 0 });
  if (reasons.length === 0) return null;
  // Until the whole explanation is there, its sentences are.
  const blockers = explained.data?.blockers ?? [];
  return (
    <Notice
      tone={isLate ? 'warn' : 'info'}
      title={state === 'SCHEDULED' || state === 'PENDING' ? 'Why is it not running?' : 'What is it waiting for?'}
    >
      {blockers.length > 0 ? <Blockers blockers={blockers} /> : <Reasons reasons={reasons} />}
    </Notice>
  );
}

function Reasons({ reasons }: { reasons: readonly string[] }) {
  return (
    <ul className="space-y-1">
      {reasons.map((reason) => (
        <li key={reason} className="flex gap-2 [overflow-wrap:anywhere]">
          <Dot />
          {reason}
        </li>
      ))}
    </ul>
  );
}

export function Blockers({ blockers }: { blockers: readonly Blocker[] }) {
  return (
    <ul className="space-y-3">
      {blockers.map((blocker) => (
        <li key={blocker.kind + blocker.message} className="flex gap-2 [overflow-wrap:anywhere]">
          <Dot />
          <div className="min-w-0 space-y-1">
            <p>
              {blocker.message}
              {blocker.since && (
                <span className="text-ink-3">
                  {' '}
                  Since <RelativeTime at={blocker.since} />.
                </span>
              )}
            </p>
            {blocker.holders.length > 0 && (
              <ul className="space-y-0.5 text-sm">
                {blocker.holders.map((holder) => (
                  <li key={holder.run}>
                    <Link href={paths.run(holder.run)} className="text-accent hover:underline">
                      {holder.name}
                    </Link>
                    <span className="text-ink-3">
                      {' '}
                      {holder.deployment}
                      {holder.agent && ` on ${holder.agent}`}, since <RelativeTime at={holder.since} />
                    </span>
                  </li>
                ))}
                {blocker.holderCount > blocker.holders.length && (
                  <li className="text-ink-3">and {blocker.holderCount - blocker.holders.length} more</li>
                )}
              </ul>
            )}
            <p className="text-sm text-ink-2">What frees it: {blocker.frees}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}

function Dot() {
  return <span aria-hidden className="lamp mt-[7px] !size-1.5 shrink-0 text-late" />;
}
