'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { buttonClass } from '../../../components/ui/button.tsx';
import { DeleteOrganization } from '../../../features/organizations/delete-organization.tsx';
import { AuditRetention, OrganizationForm } from '../../../features/organizations/organization-form.tsx';
import { OrganizationList } from '../../../features/organizations/organization-list.tsx';
import { useMay, useSession } from '../../../features/shell/session.tsx';
import { workspaceQueries } from '../../../features/workspaces/queries.ts';
import { WorkspaceList } from '../../../features/workspaces/workspace-list.tsx';
import { paths } from '../../../lib/paths.ts';
import { api } from '../../../lib/trpc/client.ts';

export function OrganizationPage() {
  const { me } = useSession();
  const may = useMay();
  const { organization } = me;
  const workspaces = useQuery(workspaceQueries(api).list());
  return (
    <>
      <PageHeader
        title="Organization"
        description={organization ? `${organization.name}; you are ${organization.role} of it` : 'You are in none by name'}
      >
        {may('organization:security') && (
          <Link href={paths.security} className={buttonClass()}>
            Sign-in and networks
          </Link>
        )}
        <Link href={paths.access} className={buttonClass()}>
          People and access
        </Link>
      </PageHeader>
      <PageBody>
        <WorkspaceList workspaces={workspaces} organizationId={organization?.id} />
        <div className="grid items-start gap-4 lg:grid-cols-2">
          {organization && <OrganizationForm organization={organization} />}
          <div className="space-y-4">
            <OrganizationList />
            {organization && <AuditRetention />}
          </div>
        </div>
        {organization && may('organization:delete') && (
          <DeleteOrganization
            organization={organization}
            workspacesLeft={(workspaces.data ?? []).filter((each) => each.organization.id === organization.id).length}
          />
        )}
      </PageBody>
    </>
  );
}
