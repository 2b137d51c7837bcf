'use client';
import type { Me } from '@signalbox/proto/api';
import { createContext, type ReactNode, useContext } from 'react';
import type { Theme } from '../../lib/theme.ts';

/** Who is signed in and how they like it: told by the server once per visit. */
export interface Session {
  readonly me: Me;
  readonly theme: Theme;
}

const SessionContext = createContext<Session | null>(null);

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('the session needs <SessionProvider>');
  return session;
}

/** Whether one has a scope here: in the workspace as a whole, or in its organization. */
export function useMay(): (scope: string) => boolean {
  const { me } = useSession();
  return (scope) => me.scopes.includes(scope) || (me.organization?.scopes.includes(scope) ?? false);
}

/** Name of the person, or of the key, that this page acts for. */
export function actorName(me: Me): string {
  return me.actor.kind === 'user' ? me.actor.name || me.actor.email : me.actor.name;
}

/** Ends the session and shows the sign-in page, from which one comes back to where one was. */
export async function signOut(): Promise<void> {
  await fetch('/api/auth/sign-out', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  window.location.assign('/sign-in');
}
