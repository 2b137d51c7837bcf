import type { Metadata } from 'next';
import { NewAutomationPage } from './client.tsx';

export const metadata: Metadata = { title: 'New automation' };

/** `?on=run.Failed`: begins with events of that name. */
export default async function Page({ searchParams }: { searchParams: Promise<{ on?: string | string[] }> }) {
  const { on } = await searchParams;
  return <NewAutomationPage on={typeof on === 'string' ? on : null} />;
}
