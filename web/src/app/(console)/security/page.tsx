import type { Metadata } from 'next';
import { requireSession } from '../../../lib/trpc/server.ts';
import { SecurityPage } from './client.tsx';

export const metadata: Metadata = { title: 'Organization security' };

export default async function Page() {
  await requireSession();
  return <SecurityPage />;
}
