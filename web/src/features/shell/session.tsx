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

/** Ids of things that the question is about: one is enough. `any`: for some thing at least. */
type On = readonly string[] | 'any';

/** Whether one has a scope: in the workspace as a whole, in its organization, or on one of these things. */
export function useMay(): (scope: string, on?: On) => boolean {
  const { me } = useSession();
  return (scope, on = []) =>
    me.scopes.includes(scope) ||
    (me.organization?.scopes.includes(scope) ?? false) ||
    me.objects.some((each) => (on === 'any' || on.includes(each.id)) && each.scopes.includes(scope));
}

/** Shows what is in it to who has the scope. */
export function May({ scope, on, children }: { scope: string; on?: On; children: ReactNode }) {
  return useMay()(scope, on) ? children : null;
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
