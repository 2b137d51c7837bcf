'use client';
import { QueryClientProvider, useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Brand } from '../../components/layout/brand.tsx';
import { Button, buttonClass } from '../../components/ui/button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { makeQueryClient } from '../../lib/trpc/query-client.ts';

interface Props {
  token: string;
  isSignedIn: boolean;
}

export function FollowInvitation(props: Props) {
  const [queryClient] = useState(makeQueryClient);
  return (
    <QueryClientProvider client={queryClient}>
      <main className="grid min-h-dvh place-items-center bg-sunken px-4 py-10">
        <div className="w-full max-w-[24rem]">
          <div className="mb-6 flex justify-center">
            <Brand />
          </div>
          <div className="rounded-lg border border-line bg-surface p-6 shadow-pop">
            <Follow {...props} />
          </div>
        </div>
      </main>
    </QueryClientProvider>
  );
}

/** Signed in: accept. Not: make the account of the email that was invited, or sign in first. */
function Follow({ token, isSignedIn }: Props) {
  const preview = useQuery({ queryKey: ['invitation'], queryFn: () => api.invitations.preview.mutate({ token }), retry: false });
  const enter = useMutation({
    mutationFn: (form: FormData | null) =>
      form
        ? api.invitations.join.mutate({ token, name: String(form.get('name')), password: String(form.get('password')) })
        : api.invitations.accept.mutate({ token }),
    onSuccess: () => window.location.assign(isSignedIn ? paths.home : paths.signIn()),
    onError: () => {},
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    enter.mutate(new FormData(event.currentTarget));
  };
  if (preview.isPending) return <SkeletonRows count={2} />;
  if (preview.isError) return <ErrorState error={preview.error} />;
  const { organization, workspace, email } = preview.data;
  const signIn = paths.signIn(`/invite?token=${encodeURIComponent(token)}`);
  return (
    <div className="space-y-4">
      <div>
        <h1 className="text-lg font-semibold">Join {organization}</h1>
        <p className="mt-1 text-sm text-ink-2">
          You are invited{workspace ? ` to the workspace ${workspace}` : ''}
          {email ? ` as ${email}` : ''}.
        </p>
      </div>
      {enter.error && <Notice tone="danger" role="alert" title={readError(enter.error).message} />}
      {isSignedIn ? (
        <Button variant="primary" isBusy={enter.isPending} onClick={() => enter.mutate(null)}>
          Accept
        </Button>
      ) : (
        <>
          {email && (
            <form method="post" onSubmit={onSubmit} className="space-y-4">
              <Field label="Your name" isRequired>
                {(control) => <Input {...control} name="name" required maxLength={200} autoComplete="name" />}
              </Field>
              <Field label="Password" hint="Three or four words that have nothing to do with each other." isRequired>
                {(control) => (
                  <Input {...control} name="password" type="password" required minLength={8} maxLength={128} autoComplete="new-password" />
                )}
              </Field>
              <Button type="submit" variant="primary" isBusy={enter.isPending}>
                Make an account and join
              </Button>
            </form>
          )}
          <a className={buttonClass('quiet')} href={signIn}>
            I have an account: sign in
          </a>
        </>
      )}
    </div>
  );
}
