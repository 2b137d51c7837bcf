import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { safeNext } from '../../lib/paths.ts';
import { findSession } from '../../lib/trpc/server.ts';
import { SignInForm } from './client.tsx';

export const metadata: Metadata = { title: 'Sign in' };

export default async function Page({ searchParams }: { searchParams: Promise<{ next?: string | string[]; problem?: string | string[] }> }) {
  const { next, problem } = await searchParams;
  const to = safeNext(typeof next === 'string' ? next : null);
  // Signing in is possible while the control plane is away for a moment; that is said when it is tried.
  const session = await findSession().catch(() => null);
  if (session) redirect(to);
  return <SignInForm to={to} refused={typeof problem === 'string' ? problem : null} />;
}
