'use client';
import { useMutation } from '@tanstack/react-query';
import { LifeBuoy } from 'lucide-react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { askAuth } from '../account/ask-auth.ts';
import { useSession } from './session.tsx';

/** Says on every page that an operator is in the person's place, and why; nothing otherwise. */
export function SupportBanner() {
  const { me } = useSession();
  const leave = useMutation({
    mutationFn: () => askAuth('auth/support/leave', {}),
    onSuccess: () => window.location.assign('/sign-in'),
    onError: (error) => toast.error('Could not leave', { description: error.message }),
  });
  const { support, actor } = me;
  if (!support) return null;
  return (
    <div
      role="status"
      className="sticky top-0 z-20 flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-late bg-[color-mix(in_oklch,var(--state-late)_14%,var(--bg))] px-4 py-2 text-sm"
    >
      <LifeBuoy aria-hidden className="size-4 text-late" />
      <p className="min-w-0 flex-1">
        <strong>Support:</strong> {support.operator} acts as {actor.kind === 'user' ? actor.email : actor.name} because of “{support.reason}
        ”. It ends <RelativeTime at={support.expiresAt} />; everything done is in the audit.
      </p>
      <Button size="sm" isBusy={leave.isPending} onClick={() => leave.mutate()}>
        Leave
      </Button>
    </div>
  );
}
