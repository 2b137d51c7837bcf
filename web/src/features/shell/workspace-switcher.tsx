'use client';
import { useQuery } from '@tanstack/react-query';
import { ChevronsUpDown } from 'lucide-react';
import { Menu, MenuLabel, MenuRadioGroup, MenuRadioItem } from '../../components/ui/menu.tsx';
import { api } from '../../lib/trpc/client.ts';
import { openWorkspace } from '../workspaces/open-workspace.ts';
import { workspaceQueries } from '../workspaces/queries.ts';
import { useSession } from './session.tsx';

/** Where you are; another choice loads the console anew, so that nothing of the old workspace stays in memory. */
export function WorkspaceSwitcher({ isCompact = false }: { isCompact?: boolean }) {
  const { me } = useSession();
  const { data: workspaces = me.workspace ? [me.workspace] : [] } = useQuery(workspaceQueries(api).list());
  return (
    <Menu
      trigger={
        <button type="button" className="flex w-full items-center gap-2 rounded-md px-2.5 py-1.5 text-left hover:bg-hover">
          <span className="min-w-0 flex-1">
            <span className={isCompact ? 'sr-only' : 'block truncate text-2xs text-ink-3'}>
              {me.workspace?.organization.name ?? 'No organization'}
            </span>
            <span className="block truncate text-sm font-medium">{me.workspace?.name ?? 'No workspace'}</span>
          </span>
          <ChevronsUpDown aria-label="Switch workspace" className="size-3.5 text-ink-3" />
        </button>
      }
    >
      <MenuLabel>Workspaces</MenuLabel>
      <MenuRadioGroup value={me.workspace?.id ?? ''} onValueChange={openWorkspace}>
        {workspaces.map((workspace) => (
          <MenuRadioItem key={workspace.id} value={workspace.id}>
            {workspace.name}{' '}
            <span className="ml-1 text-2xs text-ink-3">
              {workspace.organization.name} · {workspace.purgeAt ? 'deleted' : workspace.role}
            </span>
          </MenuRadioItem>
        ))}
      </MenuRadioGroup>
    </Menu>
  );
}
