'use client';
import { QueryClientProvider } from '@tanstack/react-query';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { type ReactNode, useEffect, useState } from 'react';
import { Toaster } from 'sonner';
import { ForbiddenHelp } from '../../lib/forbidden-help.tsx';
import { LiveProvider } from '../../lib/live/live.tsx';
import { NowProvider } from '../../lib/now.tsx';
import { setClientWorkspace } from '../../lib/trpc/client.ts';
import { type LostPlace, lostPlaceOf } from '../../lib/trpc/lost-place.ts';
import { makeQueryClient } from '../../lib/trpc/query-client.ts';
import { rememberWorkspace } from '../../lib/workspace-cookie.ts';
import { WhoCanGrant } from '../access/who-can-grant.tsx';
import { type Session, SessionProvider } from './session.tsx';
import { Withheld } from './withheld.tsx';

/** Everything a page of the console may lean on. */
export function Providers({ session, renderedAtMs, children }: { session: Session; renderedAtMs: number; children: ReactNode }) {
  const [lost, setLost] = useState<LostPlace | null>(null);
  const [queryClient] = useState(() =>
    makeQueryClient((error) => {
      const place = lostPlaceOf(error, session.me);
      if (place) setLost(place);
    }),
  );
  // Only the browser asks by this client; a module variable on the server would mix people up.
  if (typeof window !== 'undefined') setClientWorkspace(session.me.workspace?.id);
  const slug = session.me.workspace?.id;
  useEffect(() => {
    if (slug) rememberWorkspace(slug);
  }, [slug]);
  // The page goes, with what it asks: each answer would be the same refusal.
  if (lost) return <Withheld {...lost} isRemembered />;
  return (
    <NuqsAdapter>
      <NowProvider renderedAtMs={renderedAtMs}>
        <SessionProvider session={session}>
          <QueryClientProvider client={queryClient}>
            <ForbiddenHelp value={WhoCanGrant}>
              <LiveProvider>{children}</LiveProvider>
            </ForbiddenHelp>
          </QueryClientProvider>
          <Toaster
            position="bottom-right"
            theme="system"
            toastOptions={{
              unstyled: true,
              classNames: {
                toast: 'flex w-full items-start gap-2.5 rounded-md border border-line bg-raised px-4 py-3 text-sm text-ink shadow-pop',
                title: 'font-medium',
                description: 'text-ink-2',
                error: '!border-l-[3px] !border-l-danger',
                success: '!border-l-[3px] !border-l-good',
              },
            }}
          />
        </SessionProvider>
      </NowProvider>
    </NuqsAdapter>
  );
}
