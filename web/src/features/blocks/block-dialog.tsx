'use client';
import type { Block, BlockType } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useMemo, useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../components/ui/dialog.tsx';
import { Field, Input, Select } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { api } from '../../lib/trpc/client.ts';
import { issuesUnder, readError } from '../../lib/trpc/errors.ts';
import { SchemaForm } from '../runs/run-dialog/schema-form.tsx';
import { useRunForm } from '../runs/run-dialog/use-run-form.ts';
import { formSchema, fromDraft, toDraft } from './secret-fields.ts';

interface BlockDialogProps {
  types: readonly BlockType[];
  /** Null: makes one. */
  block: Block | null;
  onClose: () => void;
}

/** Makes a block or changes one, with a form made from the schema of its type. */
export function BlockDialog({ types, block, onClose }: BlockDialogProps) {
  const [typeName, setTypeName] = useState(block?.type ?? types[0]?.name ?? '');
  const type = types.find(({ name }) => name === typeName);
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={block ? `Change ${block.type}/${block.name}` : 'New block'}
      description={type?.description || 'Runs that load it from now on have what is entered here.'}
    >
      {!block && (
        <div className="px-5 pt-4">
          <Field label="Type">
            {(control) => (
              <Select {...control} value={typeName} onChange={(event) => setTypeName(event.target.value)}>
                {types.map(({ name }) => (
                  <option key={name}>{name}</option>
                ))}
              </Select>
            )}
          </Field>
        </div>
      )}
      {type && <BlockForm key={type.name} type={type} block={block} onClose={onClose} />}
    </Dialog>
  );
}

function BlockForm({ type, block, onClose }: { type: BlockType; block: Block | null; onClose: () => void }) {
  const start = useMemo(() => ({ parameterSchema: formSchema(type), parameters: toDraft(block?.value ?? {}) }), [type, block]);
  const form = useRunForm(start, undefined, 'value');
  const [name, setName] = useState(block?.name ?? '');
  const [description, setDescription] = useState(block?.description ?? '');
  const queryClient = useQueryClient();
  const save = useMutation({
    mutationFn: (draft: Record<string, unknown>) =>
      api.blocks.set.mutate({
        type: type.name,
        name: name.trim(),
        value: fromDraft(type, draft),
        description,
        onlyNew: block === null,
      }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ['blocks'] });
      onClose();
    },
    onError: (error) => form.refuse(readError(error).issues ?? []),
  });
  const problem = save.error ? readError(save.error) : null;
  const nameIssue = problem && issuesUnder('name', problem.issues)[0];
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const draft = form.read();
    if (draft) save.mutate(draft);
  };
  return (
    <form onSubmit={onSubmit} noValidate className="flex min-h-0 flex-1 flex-col">
      <DialogBody className="space-y-4">
        {problem && <Notice tone="danger" role="alert" title={problem.message} />}
        {!block && (
          <Field
            label="Block name"
            hint="What code loads it by: lower-case letters and digits, with single _ or - between them."
            error={nameIssue ? `Expected ${nameIssue.expected}.` : null}
            isRequired
          >
            {(control) => (
              <Input {...control} value={name} onChange={(event) => setName(event.target.value)} maxLength={255} autoComplete="off" />
            )}
          </Field>
        )}
        <SchemaForm field={form.field} draft={form.draft} onChange={form.setDraft} errors={form.errors} />
        <Field label="Description">
          {(control) => (
            <Input {...control} value={description} onChange={(event) => setDescription(event.target.value)} autoComplete="off" />
          )}
        </Field>
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>Close</Button>
        <Button type="submit" variant="primary" isBusy={save.isPending}>
          {block ? 'Save' : 'Create'}
        </Button>
      </DialogFooter>
    </form>
  );
}
