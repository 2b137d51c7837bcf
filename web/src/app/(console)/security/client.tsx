'use client';
import { useQuery } from '@tanstack/react-query';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { ConnectionPanel } from '../../../features/security/connection-panel.tsx';
import { DirectoryPanel } from '../../../features/security/directory-panel.tsx';
import { DomainPanel } from '../../../features/security/domain-panel.tsx';
import { NetworkPanel } from '../../../features/security/network-panel.tsx';
import { securityQueries } from '../../../features/security/queries.ts';
import { SupportPanel } from '../../../features/security/support-panel.tsx';
import { useMay, useSession } from '../../../features/shell/session.tsx';
import { api } from '../../../lib/trpc/client.ts';
import { readError } from '../../../lib/trpc/errors.ts';

export function SecurityPage() {
  const { me } = useSession();
  const connections = useQuery(securityQueries(api).connections());
  // Who may not is asked about once, not by every panel: each refusal stands in the audit.
  const may = useMay()('organization:security');
  const isForbidden = connections.isError && readError(connections.error).code === 'FORBIDDEN';
  return (
    <>
      <PageHeader
        title="Organization security"
        description={me.workspace ? `${me.workspace.organization.name}: owners alone change this` : undefined}
      />
      <PageBody>
        {isForbidden || !may ? (
          <Panel>{connections.isPending ? <SkeletonRows /> : <ErrorState error={connections.error} />}</Panel>
        ) : (
          <>
            <ConnectionPanel />
            <DomainPanel />
            <div className="grid gap-4 lg:grid-cols-2">
              <NetworkPanel />
              <DirectoryPanel />
            </div>
            <SupportPanel />
          </>
        )}
      </PageBody>
    </>
  );
}
