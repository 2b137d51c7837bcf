import type { Metadata } from 'next';
import { requireSession } from '../../../lib/trpc/server.ts';
import { AccountPage } from './client.tsx';

export const metadata: Metadata = { title: 'Your account' };

export default async function Page() {
  await requireSession();
  return <AccountPage />;
}
