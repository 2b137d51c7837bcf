import type { Metadata } from 'next';
import { AuditPage } from './client.tsx';

export const metadata: Metadata = { title: 'Audit' };

export default function Page() {
  return <AuditPage />;
}
