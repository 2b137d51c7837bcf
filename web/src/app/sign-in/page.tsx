import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { safeNext } from '../../lib/paths.ts';
import { serverApi } from '../../lib/trpc/server.ts';
import { SignInForm } from './client.tsx';

export const metadata: Metadata = { title: 'Sign in' };

export default async function Page({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  const { next } = await searchParams;
  const to = safeNext(typeof next === 'string' ? next : null);
  const api = await serverApi();
  const isSignedIn = await api.me.get.query().then(
    () => true,
    () => false,
  );
  if (isSignedIn) redirect(to);
  return <SignInForm to={to} />;
}
