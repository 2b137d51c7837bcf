'use client';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { useMay, useSession } from '../shell/session.tsx';
import { CreateWorkspaceButton } from './create-workspace-dialog.tsx';

/** For a person who is a member of nothing yet, or no more. */
export function NoWorkspace() {
  const { me } = useSession();
  const mayCreate = useMay()('organization:workspaces');
  return (
    <EmptyState title="You are in no workspace">
      <p>
        {mayCreate
          ? 'Make the first one of your organization.'
          : me.organization
            ? `Ask an admin of ${me.organization.name} to add you to one.`
            : 'Ask whoever works with you here for an invitation.'}
      </p>
      {mayCreate && <CreateWorkspaceButton />}
    </EmptyState>
  );
}
