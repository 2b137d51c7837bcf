import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { ConsoleShell } from '../../features/shell/console-shell.tsx';
import { Providers } from '../../features/shell/providers.tsx';
import { NoWorkspace } from '../../features/workspaces/no-workspace.tsx';
import { parseTheme, THEME_COOKIE } from '../../lib/theme.ts';
import { requireSession } from '../../lib/trpc/server.ts';

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const [{ me }, cookieStore] = await Promise.all([requireSession(), cookies()]);
  return (
    <Providers session={{ me, theme: parseTheme(cookieStore.get(THEME_COOKIE)?.value) }} renderedAtMs={Date.now()}>
      <ConsoleShell>{me.workspace ? children : <NoWorkspace />}</ConsoleShell>
    </Providers>
  );
}
