'use client';
import type { Blocker, RunDetail } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { Notice } from '../../components/ui/notice.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { runQueries } from './queries.ts';

type Run = Pick<RunDetail, 'id' | 'state' | 'waitingFor' | 'late' | 'pool' | 'deployment'>;

/** The dispatcher's own reasons: what is in the way, since when, who holds it, what frees it. */
export function WaitingFor({ run }: { run: Run }) {
  const { waitingFor: reasons } = run;
  const state = run.state.type;
  const explained = useQuery({ ...runQueries(api).explain(run.id, reasons), enabled: reasons.length > 0 });
  if (reasons.length === 0) return null;
  // Until the whole explanation is there, its sentences are.
  const blockers = explained.data?.blockers ?? [];
  return (
    <Notice
      tone={run.late ? 'warn' : 'info'}
      title={state === 'SCHEDULED' || state === 'PENDING' ? 'Why is it not running?' : 'What is it waiting for?'}
    >
      {blockers.length > 0 ? <Blockers blockers={blockers} run={run} /> : <Reasons reasons={reasons} />}
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

function Blockers({ blockers, run }: { blockers: readonly Blocker[]; run: Run }) {
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
            <p className="text-sm text-ink-2">
              What frees it: <Frees text={blocker.frees} /> <Way kind={blocker.kind} run={run} />
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

/** A command of the terminal in it is told from the sentence. */
function Frees({ text }: { text: string }) {
  const at = text.indexOf('signalbox ');
  if (at < 0) return text;
  return (
    <>
      {text.slice(0, at)}
      <code className="rounded-sm bg-sunken px-1 text-xs">{text.slice(at)}</code>
    </>
  );
}

/** The page on which it is freed, by the kind of what is in the way. */
function Way({ kind, run: { pool, deployment } }: { kind: string; run: Run }) {
  const way = /^(pool|queue|no-agent|agents|excluded)/.test(kind)
    ? pool && { href: paths.workPool(pool.name), text: `work pool ${pool.name}` }
    : kind.startsWith('deployment')
      ? deployment && { href: paths.deployment(deployment.id), text: `deployment ${deployment.name}` }
      : kind.startsWith('limit')
        ? { href: paths.limits, text: 'limits' }
        : null;
  if (!way) return null;
  return (
    <Link href={way.href} className="whitespace-nowrap text-accent hover:underline">
      Go to {way.text}
    </Link>
  );
}

function Dot() {
  return <span aria-hidden className="lamp mt-[7px] !size-1.5 shrink-0 text-late" />;
}
