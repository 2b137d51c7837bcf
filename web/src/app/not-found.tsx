import Link from 'next/link';
import { buttonClass } from '../components/ui/button.tsx';
import { EmptyState } from '../components/ui/empty-state.tsx';
import { paths } from '../lib/paths.ts';

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center">
      <EmptyState title="No track leads here">
        <p>The address may be mistyped, or what it named is gone.</p>
        <Link href={paths.home} className={buttonClass()}>
          Go to the console
        </Link>
      </EmptyState>
    </main>
  );
}
