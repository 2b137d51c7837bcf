'use client';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { Button } from '../../components/ui/button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { DialogForm, FormDialog } from '../../components/ui/form-dialog.tsx';
import { NameFields, nameAndSlug } from '../../components/ui/name-fields.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { Tag } from '../../components/ui/tag.tsx';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { useSession } from '../shell/session.tsx';
import { organizationQueries } from './queries.ts';

/** The organizations one is in; an owner of one may make another. */
export function OrganizationList() {
  const { me } = useSession();
  const organizations = useQuery(organizationQueries(api).list());
  const mayMake = organizations.data?.some(({ role }) => role === 'owner') ?? false;
  return (
    <Panel title="Your organizations" actions={mayMake && <NewOrganizationButton />}>
      {organizations.isPending ? (
        <SkeletonRows count={2} />
      ) : organizations.isError ? (
        <ErrorState error={organizations.error} onRetry={() => void organizations.refetch()} />
      ) : organizations.data.length === 0 ? (
        <p className="px-4 py-5 text-sm text-ink-3">You are in none.</p>
      ) : (
        <ul aria-label="Your organizations" className="divide-y divide-line">
          {organizations.data.map((each) => (
            <li key={each.id} className="flex h-11 items-center gap-3 px-4 text-sm">
              <span className="min-w-0 flex-1 truncate font-medium">
                {each.name} <code className="ml-1 text-xs font-normal text-ink-3">{each.slug}</code> {each.purgeAt && <Tag>deleted</Tag>}
              </span>
              {each.id === me.organization?.id && <span className="text-xs text-ink-3">here</span>}
              <span className="text-ink-2">{each.role}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function NewOrganizationButton() {
  const create = useWrite((form: FormData) => api.organizations.create.mutate(nameAndSlug(form)), {
    done: (made) => `${made.name} is made. Transfer a workspace to it, or ask its owner for one.`,
    stale: [['organizations']],
    isErrorToasted: false,
  });
  return (
    <FormDialog
      title="New organization"
      description="It shares nothing with this one: people, teams, roles and workspaces of its own. You are its owner."
      trigger={(open) => (
        <Button size="sm" onClick={open}>
          <Plus aria-hidden className="size-3.5" />
          New organization
        </Button>
      )}
    >
      {(close) => (
        <DialogForm
          submitLabel="Make it"
          isBusy={create.isPending}
          error={create.error}
          onClose={close}
          onSubmit={(form) => create.mutate(form, { onSuccess: close })}
        >
          <NameFields slugHint="Unique on this server." />
        </DialogForm>
      )}
    </FormDialog>
  );
}
