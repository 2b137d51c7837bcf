'use client';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { PageBody, PageHeader } from '../../components/layout/page-header.tsx';
import { paths } from '../../lib/paths.ts';
import { DeletedOrganization } from '../organizations/deleted-organization.tsx';
import { useSession } from '../shell/session.tsx';
import { DeletedWorkspace } from './deleted-workspace.tsx';
import { NoWorkspace } from './no-workspace.tsx';

/** Pages of a workspace need one that lives, in an organization that does; those about the person or the organization need none. */
export function WorkspaceGate({ children }: { children: ReactNode }) {
  const { me } = useSession();
  const pathname = usePathname();
  if (pathname === paths.account || pathname === paths.organization) return children;
  const { organization } = me;
  if (organization?.purgeAt && (!me.workspace || me.workspace.organization.id === organization.id))
    return (
      <>
        <PageHeader title={organization.name} description="Nothing in it can be used until it is restored" />
        <PageBody>
          <DeletedOrganization organization={organization} purgeAt={organization.purgeAt} />
        </PageBody>
      </>
    );
  if (pathname === paths.security) return children;
  if (!me.workspace) return <NoWorkspace />;
  if (me.workspace.purgeAt) return <DeletedWorkspace workspace={me.workspace} purgeAt={me.workspace.purgeAt} scopes={me.scopes} />;
  return children;
}
