'use client';
import { useQuery } from '@tanstack/react-query';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { askAuth } from '../../../features/account/ask-auth.ts';
import { ChangePassword } from '../../../features/account/change-password.tsx';
import { AddPasskeyButton, PasskeyList } from '../../../features/account/passkey-list.tsx';
import { accountQueries } from '../../../features/account/queries.ts';
import { SecondFactor } from '../../../features/account/second-factor.tsx';
import { SessionList } from '../../../features/account/session-list.tsx';
import { useChange } from '../../../features/account/use-change.ts';

export function AccountPage() {
  const security = useQuery(accountQueries.security());
  const endOthers = useChange(() => askAuth('auth/sessions/revoke', { others: true }), 'All other sessions are ended');
  return (
    <>
      <PageHeader title="Your account" description="How you sign in, and where you are signed in" />
      <PageBody>
        {security.isPending ? (
          <Panel>
            <SkeletonRows count={4} />
          </Panel>
        ) : security.isError ? (
          <Panel>
            <ErrorState error={security.error} onRetry={() => void security.refetch()} />
          </Panel>
        ) : (
          <>
            <Panel
              title="Sessions"
              actions={
                security.data.sessions.length > 1 && (
                  <Button size="sm" isBusy={endOthers.isPending} onClick={() => endOthers.mutate(undefined)}>
                    End all others
                  </Button>
                )
              }
            >
              <SessionList sessions={security.data.sessions} />
            </Panel>
            <Panel title="Passkeys" actions={<AddPasskeyButton />}>
              <PasskeyList passkeys={security.data.passkeys} />
            </Panel>
            <div className="grid gap-4 lg:grid-cols-2">
              <Panel title="Second factor">
                <SecondFactor {...security.data} />
              </Panel>
              {security.data.hasPassword && (
                <Panel title="Password">
                  <ChangePassword />
                </Panel>
              )}
            </div>
          </>
        )}
      </PageBody>
    </>
  );
}
