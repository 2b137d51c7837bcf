import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { ConsoleShell } from '../../features/shell/console-shell.tsx';
import { Providers } from '../../features/shell/providers.tsx';
import { Withheld } from '../../features/shell/withheld.tsx';
import { WorkspaceGate } from '../../features/workspaces/workspace-gate.tsx';
import { parseTheme, THEME_COOKIE } from '../../lib/theme.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { requireSession } from '../../lib/trpc/server.ts';
import { WORKSPACE_COOKIE } from '../../lib/workspace-cookie.ts';

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const [session, cookieStore] = await Promise.all([sessionOrReason(), cookies()]);
  if ('withheld' in session) return <Withheld message={session.withheld} isRemembered={cookieStore.has(WORKSPACE_COOKIE)} />;
  const { me } = session;
  return (
    <Providers session={{ me, theme: parseTheme(cookieStore.get(THEME_COOKIE)?.value) }} renderedAtMs={Date.now()}>
      <ConsoleShell>
        <WorkspaceGate>{children}</WorkspaceGate>
      </ConsoleShell>
    </Providers>
  );
}

/** Or why this person, though known, is not let in: their organization's networks or single sign-on, or it is deleted. */
async function sessionOrReason() {
  try {
    return await requireSession();
  } catch (error) {
    const { code, message } = readError(error);
    if (code !== 'FORBIDDEN') throw error;
    return { withheld: message };
  }
}
