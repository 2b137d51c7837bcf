'use client';
import type { Asset } from '@signalbox/proto/api';
import { CircleCheck, CircleDashed, CircleX } from 'lucide-react';
import { RelativeTime } from '../../components/ui/relative-time.tsx';

/** Whether the last time worked, and when it was made. */
export function AssetFreshness({ asset }: { asset: Pick<Asset, 'lastMaterializedAt' | 'lastFailedAt'> }) {
  const { lastMaterializedAt: made, lastFailedAt: failed } = asset;
  const isFailing = failed !== null && (made === null || failed > made);
  const Icon = isFailing ? CircleX : made ? CircleCheck : CircleDashed;
  return (
    <span className="flex min-w-0 items-center gap-1.5 text-sm">
      <Icon aria-hidden className={`size-4 shrink-0 ${isFailing ? 'text-danger' : made ? 'text-good' : 'text-ink-3'}`} />
      <span className="truncate">
        {isFailing && (
          <>
            failed <RelativeTime at={failed} />,{' '}
          </>
        )}
        {made ? (
          <>
            made <RelativeTime at={made} />
          </>
        ) : (
          <span className="text-ink-3">never made here</span>
        )}
      </span>
    </span>
  );
}
