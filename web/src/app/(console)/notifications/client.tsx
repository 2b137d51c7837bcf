'use client';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { FormDialog } from '../../../components/ui/form-dialog.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { ChannelForm } from '../../../features/notifications/channel-form.tsx';
import { ChannelList } from '../../../features/notifications/channel-list.tsx';
import { DeliveryList } from '../../../features/notifications/delivery-list.tsx';
import { DELIVERIES_SHOWN, notificationQueries } from '../../../features/notifications/queries.ts';
import { May } from '../../../features/shell/session.tsx';
import { api } from '../../../lib/trpc/client.ts';

const LOOK_EVERY_MS = 2_000;

export function NotificationsPage() {
  const channels = useQuery({ ...notificationQueries(api).channels(), refetchInterval: LOOK_EVERY_MS });
  const deliveries = useQuery({ ...notificationQueries(api).deliveries(null), refetchInterval: LOOK_EVERY_MS });
  return (
    <>
      <PageHeader title="Notifications" description="Channels that tell people and other systems, and what was told">
        <May scope="notifications:write">
          <FormDialog
            title="New channel"
            description="Automations send notifications by it. Addresses and keys are sealed, and never shown again."
            trigger={(open) => (
              <Button variant="primary" onClick={open}>
                <Plus aria-hidden className="size-3.5" />
                New channel
              </Button>
            )}
          >
            {(close) => <ChannelForm channel={null} onClose={close} />}
          </FormDialog>
        </May>
      </PageHeader>
      <PageBody>
        <Panel title="Channels">
          {channels.isPending ? (
            <SkeletonRows count={2} />
          ) : channels.isLoadingError ? (
            <ErrorState error={channels.error} onRetry={() => void channels.refetch()} />
          ) : channels.data.length === 0 ? (
            <EmptyState title="No channel yet">
              <p>
                A channel leads to Slack, Teams, Discord, PagerDuty, Opsgenie, a mailbox or a program of yours. A problem is told once, and
                its end once.
              </p>
            </EmptyState>
          ) : (
            <ChannelList channels={channels.data} />
          )}
        </Panel>
        <Panel title="Log">
          {deliveries.isPending ? (
            <SkeletonRows />
          ) : deliveries.isLoadingError ? (
            <ErrorState error={deliveries.error} onRetry={() => void deliveries.refetch()} />
          ) : deliveries.data.items.length === 0 ? (
            <p className="px-4 py-6 text-center text-sm text-ink-3">Nothing was told yet. Send a test by a channel to see it here.</p>
          ) : (
            <>
              <DeliveryList deliveries={deliveries.data.items} />
              {deliveries.data.nextCursor && (
                <p className="border-t border-line px-4 py-2 text-xs text-ink-3">
                  The newest {DELIVERIES_SHOWN} of the last 30 days are shown.
                </p>
              )}
            </>
          )}
        </Panel>
      </PageBody>
    </>
  );
}
