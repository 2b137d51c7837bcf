'use client';
import type { Me } from '@signalbox/proto/api';
import { QueryClientProvider, useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Brand } from '../../../components/layout/brand.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Field, Input, Select } from '../../../components/ui/field.tsx';
import { Lamp } from '../../../components/ui/lamp.tsx';
import { Notice } from '../../../components/ui/notice.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { actorName } from '../../../features/shell/session.tsx';
import { workspaceQueries } from '../../../features/workspaces/queries.ts';
import { api, setClientWorkspace } from '../../../lib/trpc/client.ts';
import { readError } from '../../../lib/trpc/errors.ts';
import { makeQueryClient } from '../../../lib/trpc/query-client.ts';

export function ApproveLogin(props: { me: Me; code: string }) {
  const [queryClient] = useState(makeQueryClient);
  return (
    <QueryClientProvider client={queryClient}>
      <Approve {...props} />
    </QueryClientProvider>
  );
}

/** Lets a command line in, after the person has compared the code with the one in their terminal. */
function Approve({ me, code: given }: { me: Me; code: string }) {
  const [code, setCode] = useState(given);
  const [slug, setSlug] = useState(me.workspace?.slug ?? '');
  const { data: workspaces = me.workspace ? [me.workspace] : [] } = useQuery(workspaceQueries(api).list());
  const [isOfOrganization, setOfOrganization] = useState(false);
  const mayMore = me.organization?.scopes.some((scope) => scope !== 'organization:read') ?? false;
  const isWhole = code.replaceAll(/[^A-Za-z]/g, '').length === 8;
  const seen = useQuery({
    queryKey: ['login', code],
    queryFn: () => api.login.look.query({ code: code.trim().toUpperCase() }),
    enabled: isWhole,
    retry: false,
  });
  const approve = useMutation({
    mutationFn: () => {
      setClientWorkspace(slug);
      return api.login.approve.mutate({ code: code.trim().toUpperCase(), organization: isOfOrganization });
    },
    onError: () => {},
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    approve.mutate();
  };
  return (
    <main className="grid min-h-dvh place-items-center bg-sunken px-4 py-10">
      <div className="w-full max-w-[24rem]">
        <div className="mb-6 flex justify-center">
          <Brand />
        </div>
        <div className="rounded-lg border border-line bg-surface p-6 shadow-pop">
          {approve.isSuccess ? (
            <div role="status" className="text-center">
              <p className="mb-3 text-good">
                <Lamp className="!size-3" />
              </p>
              <h1 className="text-lg font-semibold">The command line is signed in</h1>
              <p className="mt-1 text-sm text-ink-2">Go back to your terminal; this page can be closed.</p>
            </div>
          ) : (
            <form onSubmit={onSubmit} className="space-y-4">
              <div>
                <h1 className="text-lg font-semibold tracking-[-0.01em]">Sign in a command line?</h1>
                <p className="mt-1 text-sm text-ink-2">
                  It gets an API key and acts for <strong className="font-medium text-ink">{actorName(me)}</strong>. Approve only if you
                  have just run <code className="text-xs">signalbox login</code> and your terminal shows this very code.
                </p>
              </div>
              {seen.data && (
                <Notice tone="warn" title={`It asks from ${seen.data.host ?? 'a machine that gave no name'}`}>
                  At the address {seen.data.address ?? 'unknown'}, since <RelativeTime at={seen.data.startedAt} />. Is that yours?
                </Notice>
              )}
              {approve.error && <Notice tone="danger" role="alert" title={readError(approve.error).message} />}
              <Field label="Code">
                {(control) => (
                  <Input
                    {...control}
                    value={code}
                    onChange={(event) => setCode(event.target.value)}
                    required
                    autoComplete="off"
                    spellCheck={false}
                    placeholder="ABCD-EFGH"
                    className="!h-11 text-center font-mono !text-lg tracking-[0.18em]"
                  />
                )}
              </Field>
              <Field label="Workspace">
                {(control) => (
                  <Select {...control} value={slug} onChange={(event) => setSlug(event.target.value)}>
                    {workspaces.map((workspace) => (
                      <option key={workspace.id} value={workspace.slug}>
                        {workspace.name}
                      </option>
                    ))}
                  </Select>
                )}
              </Field>
              {mayMore && (
                <label className="flex items-start gap-2.5 text-sm">
                  <input
                    type="checkbox"
                    className="mt-1 accent-accent"
                    checked={isOfOrganization}
                    onChange={(event) => setOfOrganization(event.target.checked)}
                  />
                  <span>
                    It may look after {me.organization?.name} too: people, teams, roles
                    <span className="block text-xs text-ink-3">Without it, it acts in this workspace alone.</span>
                  </span>
                </label>
              )}
              <Button type="submit" variant="primary" isBusy={approve.isPending} className="w-full">
                Approve
              </Button>
            </form>
          )}
        </div>
      </div>
    </main>
  );
}
