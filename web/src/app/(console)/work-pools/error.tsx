'use client';
import { ErrorState } from '../../../components/ui/error-state.tsx';

export default function WorkPoolsError({ error, reset }: { error: Error; reset: () => void }) {
  return <ErrorState error={error} onRetry={reset} />;
}
