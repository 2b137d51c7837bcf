import { EmptyState } from '../../components/ui/empty-state.tsx';
import { CreateWorkspaceButton } from './create-workspace-dialog.tsx';

/** For a person who is a member of nothing yet. */
export function NoWorkspace() {
  return (
    <EmptyState title="You are in no workspace yet">
      <p>Ask an admin of your organization to add you to one, or make your own.</p>
      <CreateWorkspaceButton />
    </EmptyState>
  );
}
