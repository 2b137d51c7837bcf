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
import { May } from '../../../features/shell/session.tsx';
import { webhookQueries } from '../../../features/webhooks/queries.ts';
import { WebhookForm } from '../../../features/webhooks/webhook-form.tsx';
import { WebhookList } from '../../../features/webhooks/webhook-list.tsx';
import { WebhookTester } from '../../../features/webhooks/webhook-tester.tsx';
import { api } from '../../../lib/trpc/client.ts';

export function WebhooksPage() {
  const webhooks = useQuery({ ...webhookQueries(api).list(), refetchInterval: 5_000 });
  return (
    <>
      <PageHeader title="Webhooks" description="Addresses at which other systems tell of what happened there">
        <May scope="webhooks:write">
          <FormDialog
            title="New webhook"
            description="Each request to its address becomes events of this workspace."
            size="lg"
            trigger={(open) => (
              <Button variant="primary" onClick={open}>
                <Plus aria-hidden className="size-3.5" />
                New webhook
              </Button>
            )}
          >
            {(close) => <WebhookForm onClose={close} />}
          </FormDialog>
        </May>
      </PageHeader>
      <PageBody>
        <Panel>
          {webhooks.isPending ? (
            <SkeletonRows count={2} />
          ) : webhooks.isLoadingError ? (
            <ErrorState error={webhooks.error} onRetry={() => void webhooks.refetch()} />
          ) : webhooks.data.length === 0 ? (
            <EmptyState title="No webhook yet">
              <p>
                GitHub, GitLab, Stripe, AWS, Slack, Alertmanager and whoever sends CloudEvents or JSON can set automations off by a request
                to an address of yours.
              </p>
            </EmptyState>
          ) : (
            <WebhookList webhooks={webhooks.data} />
          )}
        </Panel>
        <May scope="webhooks:read">
          <WebhookTester webhooks={webhooks.data ?? []} />
        </May>
      </PageBody>
    </>
  );
}
