'use client';
import type { Organization } from '@signalbox/proto/api';
import { Button } from '../../components/ui/button.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { OrganizationExportLink } from './end-organization.tsx';

/** What can still be done with an organization in its grace period, for who may restore it: nobody else sees it. */
export function DeletedOrganization({ organization, purgeAt }: { organization: Organization; purgeAt: string }) {
  const restore = useWrite(() => api.organizations.restore.mutate({ slug: organization.slug }), { stale: [] });
  return (
    <Notice tone="danger" role="status" title={`${organization.name} is deleted`}>
      <p>
        It is closed to everybody but its owners, and gone for good with its workspaces <RelativeTime at={purgeAt} />. Until then it can be
        restored.
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button
          variant="primary"
          isBusy={restore.isPending}
          onClick={() => restore.mutate(undefined, { onSuccess: () => window.location.reload() })}
        >
          Restore the organization
        </Button>
        {organization.scopes.includes('organization:export') && <OrganizationExportLink organization={organization} />}
      </div>
    </Notice>
  );
}
