'use client';
import type { Workspace } from '@signalbox/proto/api';
import { useRouter } from 'next/navigation';
import type { FormEvent } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { useWrite } from '../../lib/use-write.ts';

/** Name and slug of the workspace. */
export function WorkspaceForm({ workspace }: { workspace: Workspace }) {
  const router = useRouter();
  const save = useWrite(
    (form: FormData) => api.workspaces.update.mutate({ name: String(form.get('name')).trim(), slug: String(form.get('slug')).trim() }),
    { done: 'Saved', stale: [['workspaces']], isErrorToasted: false },
  );
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(new FormData(event.currentTarget), { onSuccess: () => router.refresh() });
  };
  return (
    <Panel title="Workspace">
      <form onSubmit={onSubmit} className="space-y-4 p-4">
        {save.error && <Notice tone="danger" role="alert" title={readError(save.error).message} />}
        <Field label="Name" isRequired>
          {(control) => <Input {...control} name="name" required maxLength={200} defaultValue={workspace.name} autoComplete="off" />}
        </Field>
        <Field label="Slug" hint="Scripts and profiles that name it must be changed with it." isRequired>
          {(control) => (
            <Input
              {...control}
              name="slug"
              required
              maxLength={63}
              pattern="[a-z0-9]+(-[a-z0-9]+)*"
              title="Lower-case letters, digits and single hyphens"
              defaultValue={workspace.slug}
              autoComplete="off"
            />
          )}
        </Field>
        <Button type="submit" isBusy={save.isPending}>
          Save
        </Button>
      </form>
    </Panel>
  );
}
