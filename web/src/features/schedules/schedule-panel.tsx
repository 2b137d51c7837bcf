'use client';
import type { Deployment } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { plural } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { May } from '../shell/session.tsx';
import { scheduleQueries } from './queries.ts';
import { ScheduleDialog } from './schedule-dialog.tsx';
import { ScheduleRow } from './schedule-row.tsx';

/** The schedules of a deployment: those of its code, and those that people made. */
export function SchedulePanel({ deployment }: { deployment: Deployment }) {
  const [isMaking, setMaking] = useState(false);
  const findings = useQuery({ ...scheduleQueries(api).findings(deployment.id), enabled: deployment.schedules.length > 0 });
  const found = findings.data ?? [];
  return (
    <Panel
      title="Schedules"
      actions={
        <May scope="deployments:operate" on={[deployment.id]}>
          <Button size="sm" onClick={() => setMaking(true)}>
            <Plus aria-hidden className="size-3.5" />
            New schedule
          </Button>
        </May>
      }
    >
      {found.length > 0 && (
        <div className="p-3">
          <Notice tone="warn" title={`${plural(found.length, 'fire')} not as the schedule says`}>
            {found.map(({ schedule, at, kind }) => `${schedule.slug} at ${at}: ${kind}`).join('; ')}
          </Notice>
        </div>
      )}
      {deployment.schedules.length === 0 ? (
        <p className="px-4 py-4 text-sm text-ink-3">None. Make one here, or give the flow a cron in its code and deploy it again.</p>
      ) : (
        <ul className="divide-y divide-line">
          {deployment.schedules.map((schedule) => (
            <ScheduleRow key={schedule.id} schedule={schedule} />
          ))}
        </ul>
      )}
      {isMaking && <ScheduleDialog deployment={deployment} schedule={null} onClose={() => setMaking(false)} />}
    </Panel>
  );
}
