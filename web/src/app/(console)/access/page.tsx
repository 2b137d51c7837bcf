import type { Metadata } from 'next';
import { AccessPage } from './client.tsx';

export const metadata: Metadata = { title: 'Access' };

export default function Page() {
  return <AccessPage />;
}
