'use client';
import type { FormEvent } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { askAuth } from './ask-auth.ts';
import { useChange } from './use-change.ts';

export function ChangePassword() {
  const change = useChange(
    (form: FormData) =>
      askAuth('auth/change-password', { currentPassword: String(form.get('current')), newPassword: String(form.get('next')) }),
    'The password is changed, and your other sessions are ended',
  );
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    change.mutate(new FormData(form), { onSuccess: () => form.reset() });
  };
  return (
    <form onSubmit={onSubmit} className="space-y-4 p-4">
      <Field label="Password now" isRequired>
        {(control) => <Input {...control} name="current" type="password" required autoComplete="current-password" />}
      </Field>
      <Field label="New password" hint="Three or four words that have nothing to do with each other are good." isRequired>
        {(control) => <Input {...control} name="next" type="password" required minLength={8} maxLength={128} autoComplete="new-password" />}
      </Field>
      <Button type="submit" isBusy={change.isPending}>
        Change it
      </Button>
    </form>
  );
}
