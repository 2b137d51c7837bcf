'use client';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { useSession } from '../shell/session.tsx';
import { DeletedWorkspace } from './deleted-workspace.tsx';
import { NoWorkspace } from './no-workspace.tsx';

/** Pages that are about the person or the organization, and need no workspace. */
const WITHOUT_WORKSPACE: readonly string[] = [paths.account, paths.organization, paths.security];

/** Pages of a workspace need one that lives. */
export function WorkspaceGate({ children }: { children: ReactNode }) {
  const { me } = useSession();
  const pathname = usePathname();
  if (WITHOUT_WORKSPACE.includes(pathname)) return children;
  if (!me.workspace) return <NoWorkspace />;
  if (me.workspace.purgeAt) return <DeletedWorkspace workspace={me.workspace} purgeAt={me.workspace.purgeAt} scopes={me.scopes} />;
  return children;
}
