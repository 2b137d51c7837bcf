'use client';
import type { Team } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { DialogForm, FormDialog } from '../../components/ui/form-dialog.tsx';
import { NameFields, nameAndSlug } from '../../components/ui/name-fields.tsx';
import { Tag } from '../../components/ui/tag.tsx';
import { plural } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { useMay } from '../shell/session.tsx';
import { AccessList } from './access-list.tsx';
import { accessQueries } from './queries.ts';
import { TeamMembersButton } from './team-members-dialog.tsx';
import { useAccessForm, useAccessWrite } from './use-access-write.ts';

export function TeamPanel() {
  const mayChange = useMay()('organization:teams');
  return (
    <AccessList
      title="Teams"
      about="What a team is granted, everybody in it has. A team of the directory is filled by it alone."
      actions={mayChange && <NewTeamButton />}
      query={useQuery(accessQueries(api).teams())}
      keyOf={(team) => team.id}
      textOf={(team) => `${team.name} ${team.slug} ${team.members.map(({ name }) => name).join(' ')}`}
      row={(team) => ({
        name: (
          <>
            {team.name} <code className="ml-1 text-xs font-normal text-ink-3">{team.slug}</code>{' '}
            {team.fromDirectory && <Tag>from the directory</Tag>}
          </>
        ),
        about: membersText(team),
        aside: mayChange && <TeamActions team={team} />,
      })}
      empty={{ title: 'No team yet', text: 'Make one, put people and service accounts in it, and grant it roles.' }}
    />
  );
}

function membersText({ members }: Team): string {
  if (members.length === 0) return 'Nobody is in it';
  const names = members.slice(0, 5).map(({ name }) => name);
  return `${names.join(', ')}${members.length > 5 ? ` and ${plural(members.length - 5, 'other')}` : ''}`;
}

function TeamActions({ team }: { team: Team }) {
  const remove = useAccessWrite(() => api.teams.delete.mutate({ team: team.id }), `Team ${team.name} is deleted`);
  return (
    <>
      <TeamMembersButton team={team} />
      <RenameTeam team={team} />
      <ConfirmButton
        label="Delete"
        ariaLabel={`Delete the team ${team.name}`}
        question={`Delete the team ${team.name}?`}
        confirmLabel="Delete the team"
        isBusy={remove.isPending}
        onConfirm={(close) => remove.mutate(undefined, { onSettled: close })}
      >
        With every grant that it has. {plural(team.members.length, 'member')} keep what they have by themselves and by other teams.
      </ConfirmButton>
    </>
  );
}

function RenameTeam({ team }: { team: Team }) {
  const rename = useAccessForm((name: string) => api.teams.rename.mutate({ team: team.id, name }), 'The team is renamed');
  return (
    <FormDialog
      title={`Rename ${team.name}`}
      trigger={(open) => (
        <Button size="sm" variant="quiet" aria-label={`Rename the team ${team.name}`} onClick={open}>
          Rename
        </Button>
      )}
    >
      {(close) => (
        <DialogForm
          submitLabel="Rename"
          isBusy={rename.isPending}
          error={rename.error}
          onClose={close}
          onSubmit={(form) => rename.mutate(String(form.get('name')).trim(), { onSuccess: close })}
        >
          <Field label="Name" isRequired>
            {(control) => <Input {...control} name="name" required maxLength={200} defaultValue={team.name} autoComplete="off" />}
          </Field>
        </DialogForm>
      )}
    </FormDialog>
  );
}

function NewTeamButton() {
  const create = useAccessForm(
    (form: FormData) => api.teams.create.mutate(nameAndSlug(form)),
    (team) => `Team ${team.name} is made`,
  );
  return (
    <FormDialog
      title="New team"
      trigger={(open) => (
        <Button size="sm" onClick={open}>
          <Plus aria-hidden className="size-3.5" />
          New team
        </Button>
      )}
    >
      {(close) => (
        <DialogForm
          submitLabel="Make the team"
          isBusy={create.isPending}
          error={create.error}
          onClose={close}
          onSubmit={(form) => create.mutate(form, { onSuccess: close })}
        >
          <NameFields slugHint="Used by the command line." />
        </DialogForm>
      )}
    </FormDialog>
  );
}
