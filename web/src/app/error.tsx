'use client';
import { ErrorState } from '../components/ui/error-state.tsx';

/** Outside the shell: most often the control plane did not answer when the page asked who is signed in. */
export default function RootError() {
  return (
    <main className="grid min-h-dvh place-items-center">
      <ErrorState error={new TypeError('fetch failed')} onRetry={() => window.location.reload()} />
    </main>
  );
}
