'use client';
import type { Deployment } from '@signalbox/proto/api';
import { CirclePause, TriangleAlert } from 'lucide-react';
import Link from 'next/link';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Tag } from '../../components/ui/tag.tsx';
import { paths } from '../../lib/paths.ts';
import { RunButton } from './deployment-actions.tsx';
import { scheduleText } from './schedule-text.ts';

/** Name, where it runs, when it runs next, and a way to run it now. */
export function DeploymentRow({ deployment }: { deployment: Deployment }) {
  const active = deployment.schedules.filter((schedule) => schedule.active && schedule.nextFireAt !== null);
  const next = active.sort((one, other) => (one.nextFireAt ?? '').localeCompare(other.nextFireAt ?? ''))[0];
  const broken = deployment.schedules.some((schedule) => schedule.active && schedule.problem !== null);
  return (
    <li className="relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 px-4 py-2.5 hover:bg-hover md:grid-cols-[minmax(0,1.3fr)_minmax(0,0.7fr)_minmax(0,1.2fr)_auto]">
      <div className="min-w-0">
        <Link
          href={paths.deployment(deployment.id)}
          className="block truncate text-sm font-medium -outline-offset-2 after:absolute after:inset-0"
        >
          <span className="text-ink-3">{deployment.flow.name}/</span>
          {deployment.name}
        </Link>
        <span className="mt-0.5 flex gap-1 overflow-hidden">
          {deployment.tags.slice(0, 4).map((tag) => (
            <Tag key={tag}>{tag}</Tag>
          ))}
        </span>
      </div>
      <span className="hidden truncate text-sm text-ink-2 md:block">
        {deployment.pool ? `${deployment.pool.name}, ${deployment.queue ?? 'default'}` : 'pool deleted'}
      </span>
      <div className="hidden min-w-0 text-sm md:block">
        {deployment.paused ? (
          <span className="flex items-center gap-1.5 text-warn">
            <CirclePause aria-hidden className="size-4" />
            Paused
          </span>
        ) : next ? (
          <>
            <span className="block truncate text-ink-2">
              next <RelativeTime at={next.nextFireAt ?? ''} />
            </span>
            <code className="block truncate text-xs text-ink-3">{scheduleText(next.spec)}</code>
          </>
        ) : (
          <span className="text-ink-3">no schedule</span>
        )}
        {broken && (
          <span className="flex items-center gap-1 text-xs text-danger">
            <TriangleAlert aria-hidden className="size-3" />a schedule is broken
          </span>
        )}
      </div>
      <span className="relative z-[1]">
        <RunButton deployment={deployment} />
      </span>
    </li>
  );
}
