import type { Metadata } from 'next';
import { requireSession } from '../../../lib/trpc/server.ts';
import { OrganizationPage } from './client.tsx';

export const metadata: Metadata = { title: 'Organization' };

export default async function Page() {
  await requireSession();
  return <OrganizationPage />;
}
