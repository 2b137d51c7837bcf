'use client';
import type { ApiKey } from '@signalbox/proto/api';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Tag } from '../../components/ui/tag.tsx';
import { cn } from '../../lib/class-names.ts';
import { plural } from '../../lib/format.ts';
import { useNow } from '../../lib/now.tsx';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { useSession } from '../shell/session.tsx';
import { RotateApiKeyButton } from './rotate-api-key-dialog.tsx';

/** Ends soon enough that somebody should see to it. */
const SOON_MS = 14 * 86_400_000;

interface ApiKeyRowProps {
  apiKey: ApiKey;
  /** The key that took its place. */
  successor: ApiKey | null;
  isOwnerShown: boolean;
}

export function ApiKeyRow({ apiKey, successor, isOwnerShown }: ApiKeyRowProps) {
  const now = useNow(10_000);
  const isOver = apiKey.revokedAt !== null || (apiKey.expiresAt !== null && Date.parse(apiKey.expiresAt) < now);
  const revoke = useWrite(() => api.apiKeys.revoke.mutate({ key: apiKey.id }), {
    done: `${apiKey.name} is revoked`,
    stale: [['api-keys']],
  });
  const { owner, scopes } = apiKey;
  const { me } = useSession();
  // The new secret speaks in its owner's name.
  const mayRotate = owner?.kind !== 'person' || owner.id === me.actor.id;
  return (
    <li className={cn('flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 text-sm', isOver && 'text-ink-3')}>
      <div className="min-w-48 flex-1">
        <span className="block truncate font-medium">
          {apiKey.name} {successor && <Tag>replaced</Tag>} {apiKey.revokedAt && <Tag>revoked</Tag>}
        </span>
        <span className="block text-xs text-ink-3">
          <code>{apiKey.prefix}…</code> · {apiKey.role}
          {scopes.length > 0 && <span title={scopes.join(', ')}>, {plural(scopes.length, 'scope')} of it</span>}
          {apiKey.organizationScopes.length > 0 && (
            <span title={apiKey.organizationScopes.join(', ')}>
              , {plural(apiKey.organizationScopes.length, 'scope')} of the organization
            </span>
          )}
          {isOwnerShown && owner && ` · of ${owner.kind === 'service-account' ? 'the service account ' : ''}${owner.name}`}
        </span>
      </div>
      <span className="w-32 text-ink-2">
        {apiKey.lastUsedAt ? (
          <>
            used <RelativeTime at={apiKey.lastUsedAt} />
          </>
        ) : (
          'never used'
        )}
      </span>
      <Ending apiKey={apiKey} isOver={isOver} now={now} />
      <span className="ml-auto flex w-36 justify-end gap-1">
        {!isOver && (
          <>
            {!apiKey.replacedBy && mayRotate && <RotateApiKeyButton apiKey={apiKey} />}
            <ConfirmButton
              label="Revoke"
              ariaLabel={`Revoke ${apiKey.name}`}
              question={`Revoke ${apiKey.name}?`}
              confirmLabel="Revoke the key"
              isBusy={revoke.isPending}
              onConfirm={(close) => revoke.mutate(undefined, { onSettled: close })}
            >
              Whatever uses it, or a key that was made with it, is refused from now on. This cannot be taken back.
            </ConfirmButton>
          </>
        )}
      </span>
    </li>
  );
}

function Ending({ apiKey, isOver, now }: { apiKey: ApiKey; isOver: boolean; now: number }) {
  if (apiKey.revokedAt)
    return (
      <span className="w-36">
        revoked <RelativeTime at={apiKey.revokedAt} />
      </span>
    );
  if (!apiKey.expiresAt) return <span className="w-36 text-ink-2">does not expire</span>;
  const isSoon = !isOver && Date.parse(apiKey.expiresAt) - now < SOON_MS;
  return (
    <span className={cn('w-36', isSoon ? 'text-late' : 'text-ink-2')}>
      {isOver ? 'expired' : 'expires'} <RelativeTime at={apiKey.expiresAt} />
    </span>
  );
}
