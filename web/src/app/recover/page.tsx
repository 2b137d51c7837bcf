import type { Metadata } from 'next';
import { RecoverForm } from './client.tsx';

export const metadata: Metadata = { title: 'New password' };

export default function Page() {
  return <RecoverForm />;
}
