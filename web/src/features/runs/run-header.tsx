'use client';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { CopyButton } from '../../components/ui/copy-button.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Tag } from '../../components/ui/tag.tsx';
import { shortDigest } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { IncidentButton, IncidentsAbout } from '../incidents/incident-about.tsx';
import type { RunDetail } from './queries.ts';
import { RunActions } from './run-actions.tsx';
import { ParentLink } from './run-children.tsx';
import { RunDuration } from './run-duration.tsx';
import { LateBadge, RunStateBadge } from './run-state-badge.tsx';

export function RunHeader({ run }: { run: RunDetail }) {
  // Nobody holds a run that has ended; what is asked then is who did.
  const agent = run.agent ?? run.attempts.at(-1)?.agent;
  return (
    <header className="px-4 pb-4 pt-3 sm:px-6">
      <nav aria-label="Breadcrumb" className="flex flex-wrap items-center gap-1.5 text-xs text-ink-3">
        <Link href={paths.runs()} className="hover:text-ink">
          Runs
        </Link>
        <span aria-hidden>/</span>
        <Link href={paths.runs({ flow: run.flow.name })} className="hover:text-ink">
          {run.flow.name}
        </Link>
        <span aria-hidden>/</span>
        <Link href={paths.deployment(run.deployment.id)} className="hover:text-ink">
          {run.deployment.name}
        </Link>
      </nav>
      <div className="mt-1.5 flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="min-w-0 truncate text-xl font-semibold tracking-[-0.015em]">{run.name}</h1>
        <span role="status" className="flex items-center gap-2">
          <RunStateBadge state={run.state} isTinted />
          {run.late && <LateBadge />}
        </span>
        <span className="flex-1" />
        <div className="flex flex-wrap gap-2">
          <IncidentButton subject={{ id: run.id, title: `${run.flow.name}/${run.deployment.name}: ${run.name} ${run.state.name}` }} />
          <RunActions run={run} />
        </div>
      </div>
      <div className="mt-1.5 flex flex-wrap gap-x-4 gap-y-1 empty:hidden">
        <IncidentsAbout id={run.id} />
      </div>
      <dl className="mt-3 flex flex-wrap gap-x-7 gap-y-2">
        <Item name="Duration">
          <span className="font-medium text-ink">
            <RunDuration run={run} />
          </span>
        </Item>
        <Item name={run.startedAt ? 'Started' : 'Due'}>
          <RelativeTime at={run.startedAt ?? run.dueAt} />
        </Item>
        {run.kind === 'task' && <Item name="Kind">Task in the background</Item>}
        {run.attempt > 1 && <Item name="Attempt">{run.attempt}</Item>}
        <Item name="Pool, queue">
          {run.pool ? (
            <Link href={paths.workPool(run.pool.name)} className="hover:text-accent hover:underline">
              {run.pool.name}, {run.queue ?? 'default'}
            </Link>
          ) : (
            '–'
          )}
        </Item>
        <Item name="Agent">
          {agent ? (
            <Link href={paths.agent(agent.id)} className="hover:text-accent hover:underline">
              {agent.name}
            </Link>
          ) : (
            '–'
          )}
        </Item>
        <Item name="Started by">{run.parent ? <ParentLink parent={run.parent} /> : run.createdBy}</Item>
        <Item name="Code">
          <code title={run.digest} className="text-xs">
            {shortDigest(run.digest)}
          </code>
        </Item>
        <Item name="Id">
          <span className="-my-1 flex items-center">
            <code className="text-xs">…{run.id.slice(-8)}</code>
            <CopyButton isIconOnly label="Copy the id" text={run.id} />
          </span>
        </Item>
        {run.tags.length > 0 && (
          <Item name="Tags">
            <span className="flex gap-1">
              {run.tags.map((tag) => (
                <Tag key={tag}>{tag}</Tag>
              ))}
            </span>
          </Item>
        )}
      </dl>
    </header>
  );
}

function Item({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-2xs text-ink-3">{name}</dt>
      <dd className="text-sm text-ink-2">{children}</dd>
    </div>
  );
}
