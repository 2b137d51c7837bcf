import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { ConsoleShell } from '../../features/shell/console-shell.tsx';
import { Providers } from '../../features/shell/providers.tsx';
import { parseTheme, THEME_COOKIE } from '../../lib/theme.ts';
import { requireMe } from '../../lib/trpc/server.ts';

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const [me, cookieStore] = await Promise.all([requireMe(), cookies()]);
  return (
    <Providers session={{ me, theme: parseTheme(cookieStore.get(THEME_COOKIE)?.value) }} renderedAtMs={Date.now()}>
      <ConsoleShell>{children}</ConsoleShell>
    </Providers>
  );
}
