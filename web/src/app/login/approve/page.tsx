import type { Metadata } from 'next';
import { requireSession } from '../../../lib/trpc/server.ts';
import { ApproveLogin } from './client.tsx';

export const metadata: Metadata = { title: 'Approve a login' };

export default async function Page({ searchParams }: { searchParams: Promise<{ code?: string | string[] }> }) {
  const [{ me }, { code }] = await Promise.all([requireSession(), searchParams]);
  return <ApproveLogin me={me} code={typeof code === 'string' ? code.slice(0, 20) : ''} />;
}
