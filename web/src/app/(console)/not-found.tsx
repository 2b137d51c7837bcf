import Link from 'next/link';
import { buttonClass } from '../../components/ui/button.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { paths } from '../../lib/paths.ts';

export default function NotFound() {
  return (
    <EmptyState title="No track leads here">
      <p>The address may be mistyped, or what it named is gone or in another workspace.</p>
      <Link href={paths.home} className={buttonClass()}>
        Go to runs
      </Link>
    </EmptyState>
  );
}
