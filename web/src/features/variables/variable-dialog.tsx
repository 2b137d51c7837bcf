'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../components/ui/dialog.tsx';
import { Field, Input, Textarea } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { api } from '../../lib/trpc/client.ts';
import { issuesUnder, readError } from '../../lib/trpc/errors.ts';
import type { ShownVariable } from './queries.ts';

/** Makes a variable (null), or changes the one given. */
export function VariableDialog({ variable, onClose }: { variable: ShownVariable | null; onClose: () => void }) {
  const [valueError, setValueError] = useState<string | null>(null);
  const queryClient = useQueryClient();
  const save = useMutation({
    mutationFn: (input: Parameters<typeof api.variables.set.mutate>[0]) => api.variables.set.mutate(input),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ['variables'] });
      onClose();
    },
  });
  const problem = save.error ? readError(save.error) : null;
  const at = (field: string) => {
    const expected = problem ? issuesUnder(field, problem.issues)[0]?.expected : undefined;
    return expected ? `Expected ${expected}.` : null;
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    let value: unknown;
    try {
      value = JSON.parse(text('value'));
    } catch {
      setValueError('Expected JSON: a text in quotes, a number, true, null, a list or an object.');
      return;
    }
    setValueError(null);
    const tags = text('tags')
      .split(',')
      .map((tag) => tag.trim())
      .filter(Boolean);
    save.mutate({ name: variable?.name ?? text('name'), value, description: text('description'), tags, onlyNew: variable === null });
  };
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={variable ? `Change ${variable.name}` : 'New variable'}
      description="Runs that read it from now on have the new value. Everybody who sees the workspace sees it: it is no place for a secret."
    >
      <form onSubmit={onSubmit} noValidate className="flex min-h-0 flex-col">
        <DialogBody className="space-y-4">
          {problem && <Notice tone="danger" role="alert" title={problem.message} />}
          {!variable && (
            <Field label="Name" hint="Lower-case letters and digits, with single _ or - between them." error={at('name')} isRequired>
              {(control) => <Input {...control} name="name" required maxLength={255} autoComplete="off" />}
            </Field>
          )}
          <Field label="Value" hint={'JSON: "a text", 5, true, ["eu"]'} error={valueError ?? at('value')} isRequired>
            {(control) => (
              <Textarea
                {...control}
                name="value"
                required
                spellCheck={false}
                className="min-h-28 font-mono text-xs"
                defaultValue={variable ? JSON.stringify(variable.value, null, 2) : ''}
              />
            )}
          </Field>
          <Field label="Description" error={at('description')}>
            {(control) => <Input {...control} name="description" defaultValue={variable?.description ?? ''} autoComplete="off" />}
          </Field>
          <Field label="Tags" hint="Separated by commas." error={at('tags')}>
            {(control) => <Input {...control} name="tags" defaultValue={variable?.tags.join(', ') ?? ''} autoComplete="off" />}
          </Field>
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" variant="primary" isBusy={save.isPending}>
            {variable ? 'Save' : 'Create'}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
