'use client';
import type { Organization } from '@signalbox/proto/api';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { plural } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';

interface Props {
  organization: Organization;
  /** Those that are deleted, but not gone yet, too. */
  workspacesLeft: number;
}

/** Once nothing is left in it, and then for good. */
export function DeleteOrganization({ organization, workspacesLeft }: Props) {
  const remove = useWrite(() => api.organizations.delete.mutate({ slug: organization.slug }), { stale: [] });
  return (
    <Panel title="Delete the organization">
      <div className="flex flex-wrap items-center gap-4 p-4">
        <p className="min-w-60 flex-1 text-sm text-ink-2">
          {workspacesLeft > 0
            ? `It still has ${plural(workspacesLeft, 'workspace')}. Delete them and wait for their grace period, or transfer them: then it can go.`
            : 'With its people, teams, roles, service accounts and audit, at once and for good.'}
        </p>
        <ConfirmButton
          variant="danger"
          size="md"
          label="Delete the organization"
          disabled={workspacesLeft > 0}
          question={`Delete ${organization.name}?`}
          confirmLabel="Delete it for good"
          typeToConfirm={organization.slug}
          isBusy={remove.isPending}
          onConfirm={(close) => remove.mutate(undefined, { onSettled: close, onSuccess: () => window.location.assign(paths.home) })}
        >
          Its people, teams, roles, service accounts and audit are gone at once. There is no way back.
        </ConfirmButton>
      </div>
    </Panel>
  );
}
