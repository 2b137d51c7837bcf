import type { Metadata } from 'next';
import { SetPasswordForm } from './client.tsx';

export const metadata: Metadata = { title: 'Set your password', referrer: 'no-referrer' };

export default function Page() {
  return <SetPasswordForm />;
}
