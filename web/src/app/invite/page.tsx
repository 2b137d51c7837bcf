import type { Metadata } from 'next';
import { findSession } from '../../lib/trpc/server.ts';
import { FollowInvitation } from './client.tsx';

export const metadata: Metadata = { title: 'Invitation', referrer: 'no-referrer' };

export default async function Page({ searchParams }: { searchParams: Promise<{ token?: string | string[] }> }) {
  const [session, { token }] = await Promise.all([findSession().catch(() => null), searchParams]);
  return <FollowInvitation token={typeof token === 'string' ? token.slice(0, 200) : ''} isSignedIn={session !== null} />;
}
