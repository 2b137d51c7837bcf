'use client';
import { Panel } from '../../components/ui/panel.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { cn } from '../../lib/class-names.ts';
import { formatDuration, formatEpoch } from '../../lib/format.ts';
import type { RunDetail } from './queries.ts';
import { RunStateBadge, stateLook } from './run-state-badge.tsx';

type Cause = RunDetail['attempts'][number]['cause']['kind'];
const CAUSE_WORDS: Record<Exclude<Cause, 'first'>, string> = {
  retry: 'Retry of the flow',
  requeue: 'Put back',
  resume: 'Resumed',
  'by-hand': 'Asked for',
};

/** Every state so far, as stations along a line, and what each attempt came to. */
export function RunHistory({ run }: { run: RunDetail }) {
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Panel title="States">
        <ol className="p-4">
          {run.states.map((state, index) => {
            const next = run.states[index + 1];
            return (
              <li key={`${state.at} ${state.type} ${state.name}`} className="relative flex gap-3 pb-4 pl-1 last:pb-0">
                {next && <span aria-hidden className="absolute bottom-0 left-[7.5px] top-4 w-px bg-line-strong" />}
                <span aria-hidden className={cn('lamp relative mt-1.5', stateLook(state).color)} />
                <div className="min-w-0 flex-1">
                  <div className="flex flex-wrap items-center gap-x-3">
                    <RunStateBadge state={state} />
                    <span className="text-xs text-ink-3">
                      <RelativeTime at={state.at} />
                      {next && `, for ${formatDuration(Date.parse(next.at) - Date.parse(state.at))}`}
                    </span>
                  </div>
                  {state.message && <p className="mt-0.5 text-sm text-ink-2 [overflow-wrap:anywhere]">{state.message}</p>}
                </div>
              </li>
            );
          })}
        </ol>
      </Panel>
      <Panel title="Attempts">
        {run.attempts.length === 0 ? (
          <p className="p-4 text-sm text-ink-3">No agent has taken this run yet.</p>
        ) : (
          <ol className="divide-y divide-line">
            {[...run.attempts].reverse().map((attempt) => (
              <li key={attempt.epoch} className="px-4 py-3">
                <div className="flex flex-wrap items-baseline gap-x-3">
                  <span className="text-sm font-medium">Attempt {attempt.attempt}</span>
                  <span className="text-xs text-ink-3" title="Number of the claim: only the newest one's writes count">
                    epoch {formatEpoch(attempt.epoch)}
                  </span>
                  <span className="flex-1" />
                  <span className="text-xs text-ink-2">{attempt.agent?.name ?? 'agent removed'}</span>
                </div>
                {attempt.cause.kind !== 'first' && (
                  <p className="mt-0.5 text-xs text-ink-2 [overflow-wrap:anywhere]">
                    {CAUSE_WORDS[attempt.cause.kind]}
                    {attempt.cause.message && `: ${attempt.cause.message}`}
                  </p>
                )}
                <p className="mt-0.5 text-xs text-ink-3">
                  claimed <RelativeTime at={attempt.claimedAt} />
                  {attempt.startedAt && `, started after ${formatDuration(Date.parse(attempt.startedAt) - Date.parse(attempt.claimedAt))}`}
                  {attempt.startedAt &&
                    attempt.endedAt &&
                    `, ran ${formatDuration(Date.parse(attempt.endedAt) - Date.parse(attempt.startedAt))}`}
                </p>
                {attempt.state && (
                  <p className="mt-1 text-sm text-ink-2 [overflow-wrap:anywhere]">
                    {attempt.state.toLowerCase()}
                    {attempt.message && `: ${attempt.message}`}
                  </p>
                )}
              </li>
            ))}
          </ol>
        )}
      </Panel>
    </div>
  );
}
