'use client';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { CodeBlock } from '../../../components/ui/code-block.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { CalendarDialog } from '../../../features/calendars/calendar-dialog.tsx';
import { CalendarList } from '../../../features/calendars/calendar-list.tsx';
import { calendarQueries } from '../../../features/calendars/queries.ts';
import { May } from '../../../features/shell/session.tsx';
import { api } from '../../../lib/trpc/client.ts';

export function CalendarsPage() {
  const [isMaking, setMaking] = useState(false);
  const calendars = useQuery(calendarQueries(api).list());
  return (
    <>
      <PageHeader title="Calendars" description="Days and windows that schedules go by">
        <May scope="deployments:operate">
          <Button variant="primary" onClick={() => setMaking(true)}>
            <Plus aria-hidden className="size-3.5" />
            New calendar
          </Button>
        </May>
      </PageHeader>
      <PageBody>
        <Panel>
          {calendars.isPending ? (
            <SkeletonRows />
          ) : calendars.isError ? (
            <ErrorState error={calendars.error} onRetry={() => void calendars.refetch()} />
          ) : calendars.data.length === 0 ? (
            <EmptyState title="No calendar yet">
              <p>A calendar says on which days schedules fire: business days, holidays, freeze windows. Make one here, or:</p>
              <div className="text-left">
                <CodeBlock
                  label="Command that makes a calendar"
                  text="signalbox calendars create business --business-days --exclude '12-25=Christmas'"
                />
              </div>
            </EmptyState>
          ) : (
            <CalendarList calendars={calendars.data} />
          )}
        </Panel>
      </PageBody>
      {isMaking && <CalendarDialog calendar={null} onClose={() => setMaking(false)} />}
    </>
  );
}
