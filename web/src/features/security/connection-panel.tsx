'use client';
import { useQuery } from '@tanstack/react-query';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { CopyButton } from '../../components/ui/copy-button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { Tag } from '../../components/ui/tag.tsx';
import { api } from '../../lib/trpc/client.ts';
import { AddConnectionButton } from './add-connection-dialog.tsx';
import { NewcomersButton } from './newcomers-dialog.tsx';
import { securityQueries } from './queries.ts';
import { useSecure } from './use-secure.ts';

/** The ways to sign in at the organization's own provider; one of them may be the only one. */
export function ConnectionPanel() {
  const connections = useQuery(securityQueries(api).connections());
  const enforce = useSecure(
    (input: { connection: string; enforced: boolean }) =>
      api.sso.update.mutate({ ...input, connection: input.connection as `sso_${string}` }),
    'Saved',
  );
  const remove = useSecure(
    (id: string) => api.sso.delete.mutate({ connection: id as `sso_${string}` }),
    'The connection is removed, and its sessions are ended',
  );
  return (
    <Panel title="Single sign-on" actions={<AddConnectionButton />}>
      {connections.isPending ? (
        <SkeletonRows count={2} />
      ) : connections.isError ? (
        <ErrorState error={connections.error} onRetry={() => void connections.refetch()} />
      ) : connections.data.length === 0 ? (
        <p className="px-4 py-5 text-sm text-ink-3">No identity provider. People sign in with a password or a passkey.</p>
      ) : (
        <ul className="divide-y divide-line">
          {connections.data.map((connection) => (
            <li key={connection.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 text-sm">
              <div className="min-w-[min(20rem,100%)] flex-1">
                <span className="font-medium">
                  {connection.name} <Tag>{connection.kind === 'saml' ? 'SAML' : 'OpenID'}</Tag> {connection.enforced && <Tag>required</Tag>}
                </span>
                <span className="flex items-center gap-1 text-xs text-ink-3">
                  <code className="truncate">{connection.callbackUrl}</code>
                  <CopyButton text={connection.callbackUrl} label="Copy the callback address" />
                </span>
                {connection.metadataUrl && (
                  <span className="flex items-center gap-1 text-xs text-ink-3">
                    <code className="truncate">{connection.metadataUrl}</code>
                    <CopyButton text={connection.metadataUrl} label="Copy the metadata address" />
                  </span>
                )}
              </div>
              <NewcomersButton connection={connection} />
              <ConfirmButton
                label={connection.enforced ? 'Allow other ways' : 'Require it'}
                ariaLabel={connection.enforced ? `Allow other ways than ${connection.name}` : `Require ${connection.name}`}
                question={connection.enforced ? `Allow other ways than ${connection.name}?` : `Require ${connection.name}?`}
                confirmLabel={connection.enforced ? 'Allow other ways' : 'Require it'}
                isBusy={enforce.isPending}
                onConfirm={(close) => enforce.mutate({ connection: connection.id, enforced: !connection.enforced }, { onSettled: close })}
              >
                {connection.enforced
                  ? 'People of this organization may sign in with a password or a passkey again.'
                  : 'Sessions that were begun another way reach this organization no more. Owners alone still may sign in with a password or passkey, so that a provider that is down locks nobody out for good. Try it yourself first.'}
              </ConfirmButton>
              <ConfirmButton
                label="Remove"
                ariaLabel={`Remove ${connection.name}`}
                question={`Remove ${connection.name}?`}
                confirmLabel="Remove the connection"
                typeToConfirm={connection.name}
                isBusy={remove.isPending}
                onConfirm={(close) => remove.mutate(connection.id, { onSettled: close })}
              >
                Every session that was begun with it ends at once. Whoever has no password sets one by “Forgot your password?”.
              </ConfirmButton>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
