'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { buttonClass } from '../../../components/ui/button.tsx';
import { DeletedOrganization } from '../../../features/organizations/deleted-organization.tsx';
import { EndOrganization } from '../../../features/organizations/end-organization.tsx';
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
        description={organization ? `${organization.name}; your role in it is ${organization.role}` : 'You are in none by name'}
      >
        {may('organization:security') && !organization?.purgeAt && (
          <Link href={paths.security} className={buttonClass()}>
            Sign-in and networks
          </Link>
        )}
        {!organization?.purgeAt && (
          <Link href={paths.access} className={buttonClass()}>
            People and access
          </Link>
        )}
      </PageHeader>
      <PageBody>
        {organization?.purgeAt && <DeletedOrganization organization={organization} purgeAt={organization.purgeAt} />}
        <WorkspaceList workspaces={workspaces} organizationId={organization?.id} />
        <div className="grid items-start gap-4 lg:grid-cols-2">
          {organization && !organization.purgeAt && <OrganizationForm organization={organization} />}
          <div className="space-y-4">
            <OrganizationList />
            {organization && !organization.purgeAt && <AuditRetention />}
          </div>
        </div>
        {organization && !organization.purgeAt && (
          <EndOrganization
            organization={organization}
            workspaces={(workspaces.data ?? []).filter((each) => each.organization.id === organization.id && !each.purgeAt).length}
          />
        )}
      </PageBody>
    </>
  );
}
