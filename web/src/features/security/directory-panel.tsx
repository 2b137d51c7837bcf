'use client';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../components/ui/dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { api } from '../../lib/trpc/client.ts';
import { securityQueries } from './queries.ts';
import { useSecure } from './use-secure.ts';

export function DirectoryPanel() {
  const tokens = useQuery(securityQueries(api).tokens());
  const [made, setMade] = useState<{ secret: string; baseUrl: string } | null>(null);
  const create = useSecure(async () => setMade(await api.scim.createToken.mutate({ name: 'Directory' })), 'The token is made');
  const revoke = useSecure((token: string) => api.scim.revokeToken.mutate({ token: token as `scim_${string}` }), 'The token is revoked');
  return (
    <Panel
      title="Directory (SCIM)"
      actions={
        <Button size="sm" isBusy={create.isPending} onClick={() => create.mutate(undefined)}>
          New token
        </Button>
      }
    >
      {tokens.isPending ? (
        <SkeletonRows count={2} />
      ) : tokens.isError ? (
        <ErrorState error={tokens.error} onRetry={() => void tokens.refetch()} />
      ) : tokens.data.length === 0 ? (
        <p className="px-4 py-5 text-sm text-ink-3">No directory keeps the people of this organization.</p>
      ) : (
        <ul className="divide-y divide-line">
          {tokens.data.map((token) => (
            <li key={token.id} className="flex items-center gap-4 px-4 py-2.5 text-sm">
              <span className="min-w-0 flex-1 truncate">
                <span className="font-medium">{token.name}</span> <code className="text-xs text-ink-3">{token.prefix}…</code>
              </span>
              <span className="text-right text-ink-2">
                <span className="block">
                  {token.lastUsedAt ? (
                    <>
                      used <RelativeTime at={token.lastUsedAt} />
                    </>
                  ) : (
                    'never used'
                  )}
                </span>
                {token.expiresAt && !token.revokedAt && (
                  <span className="block text-xs text-ink-3">
                    expires <RelativeTime at={token.expiresAt} />
                  </span>
                )}
              </span>
              {token.revokedAt ? (
                <span className="text-ink-3">revoked</span>
              ) : (
                <ConfirmButton
                  label="Revoke"
                  ariaLabel={`Revoke the token ${token.name} ${token.prefix}`}
                  question={`Revoke ${token.name}?`}
                  confirmLabel="Revoke the token"
                  isBusy={revoke.isPending}
                  onConfirm={(close) => revoke.mutate(token.id, { onSettled: close })}
                >
                  The directory that uses it is refused from now on: who joins, leaves or changes teams there is not told here.
                </ConfirmButton>
              )}
            </li>
          ))}
        </ul>
      )}
      <Dialog isOpen={made !== null} onOpenChange={() => setMade(null)} title="Token of the directory">
        {made && (
          <DialogBody className="space-y-3">
            <Notice tone="warn" title="Copy it now">
              This is the only time the token is shown.
            </Notice>
            <CodeBlock label="Base URL" text={made.baseUrl} />
            <CodeBlock label="Token" text={made.secret} />
          </DialogBody>
        )}
        <DialogFooter>
          <Button variant="primary" onClick={() => setMade(null)}>
            I have copied it
          </Button>
        </DialogFooter>
      </Dialog>
    </Panel>
  );
}
