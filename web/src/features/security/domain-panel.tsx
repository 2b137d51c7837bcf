'use client';
import { useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { Tag } from '../../components/ui/tag.tsx';
import { api } from '../../lib/trpc/client.ts';
import { securityQueries } from './queries.ts';
import { useSecure } from './use-secure.ts';

type Id = `dom_${string}`;

export function DomainPanel() {
  const domains = useQuery(securityQueries(api).domains());
  const add = useSecure((domain: string) => api.sso.addDomain.mutate({ domain }), 'Now add the TXT record');
  const verify = useSecure((domain: string) => api.sso.verifyDomain.mutate({ domain: domain as Id }), 'The domain is verified');
  const remove = useSecure((domain: string) => api.sso.removeDomain.mutate({ domain: domain as Id }), 'The domain is removed');
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    add.mutate(String(new FormData(form).get('domain')), { onSuccess: () => form.reset() });
  };
  return (
    <Panel title="Domains">
      {domains.isPending ? (
        <SkeletonRows count={2} />
      ) : domains.isError ? (
        <ErrorState error={domains.error} onRetry={() => void domains.refetch()} />
      ) : (
        <ul className="divide-y divide-line">
          {domains.data.length === 0 && (
            <li className="px-4 py-5 text-sm text-ink-3">No domains. A provider vouches for people of verified domains alone.</li>
          )}
          {domains.data.map(({ id, domain, verifiedAt, record }) => (
            <li key={id} className="space-y-2 px-4 py-2.5 text-sm">
              <div className="flex flex-wrap items-center gap-3">
                <span className="min-w-[min(16rem,100%)] flex-1 break-words font-medium">
                  {domain} <Tag>{verifiedAt ? 'verified' : 'not verified'}</Tag>
                </span>
                {!verifiedAt && (
                  <Button size="sm" isBusy={verify.isPending && verify.variables === id} onClick={() => verify.mutate(id)}>
                    Verify
                  </Button>
                )}
                <ConfirmButton
                  label="Remove"
                  ariaLabel={`Remove ${domain}`}
                  question={`Remove ${domain}?`}
                  confirmLabel="Remove the domain"
                  isBusy={remove.isPending}
                  onConfirm={(close) => remove.mutate(id, { onSettled: close })}
                >
                  People with an email of it are led to no provider any more, and the provider vouches for them no more.
                </ConfirmButton>
              </div>
              {!verifiedAt && <CodeBlock label={`TXT record of ${domain}`} text={`${record.name} TXT "${record.value}"`} />}
            </li>
          ))}
        </ul>
      )}
      <form onSubmit={onSubmit} className="flex items-end gap-2 border-t border-line p-4">
        <div className="flex-1">
          <Field label="Add a domain">{(control) => <Input {...control} name="domain" placeholder="example.com" required />}</Field>
        </div>
        <Button type="submit" isBusy={add.isPending}>
          Add
        </Button>
      </form>
    </Panel>
  );
}
