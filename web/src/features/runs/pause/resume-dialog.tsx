'use client';
import type { RunPause, RunSummary } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../components/ui/dialog.tsx';
import { Notice } from '../../../components/ui/notice.tsx';
import { api } from '../../../lib/trpc/client.ts';
import { readError } from '../../../lib/trpc/errors.ts';
import { SchemaForm } from '../run-dialog/schema-form.tsx';
import { useRunForm } from '../run-dialog/use-run-form.ts';

/** Answers what a run asks, with a form made from the schema of its question. */
export function ResumeDialog({
  run,
  pause,
  onClose,
}: {
  run: Pick<RunSummary, 'id' | 'name'>;
  pause: Pick<RunPause, 'key' | 'message' | 'inputSchema'>;
  onClose: () => void;
}) {
  const form = useRunForm({ parameterSchema: pause.inputSchema, parameters: {} }, {}, 'input');
  // One id per dialog: pressing twice, or again after a lost answer, resumes once.
  const [transitionId] = useState(() => crypto.randomUUID());
  const queryClient = useQueryClient();
  const resume = useMutation({
    mutationFn: (input: Record<string, unknown>) => api.runs.resume.mutate({ run: run.id, key: pause.key, input, transitionId }),
    onSuccess: () => {
      toast.success(`${run.name} goes on`);
      void queryClient.invalidateQueries({ queryKey: ['runs'] });
      void queryClient.invalidateQueries({ queryKey: ['questions'] });
      onClose();
    },
    onError: (error) => form.refuse(readError(error).issues ?? []),
  });
  const problem = resume.error ? readError(resume.error) : null;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const input = pause.inputSchema === null ? {} : form.read();
    if (input) resume.mutate(input);
  };
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={`Resume ${run.name}`}
      description={pause.message ?? 'It goes on where it stands.'}
    >
      <form onSubmit={onSubmit} noValidate className="flex min-h-0 flex-1 flex-col">
        <DialogBody className="space-y-5">
          {problem && <Notice tone="danger" role="alert" title={problem.message} />}
          {pause.inputSchema === null ? (
            <p className="text-sm text-ink-2">It asks for nothing.</p>
          ) : (
            <SchemaForm field={form.field} draft={form.draft} onChange={form.setDraft} errors={form.errors} />
          )}
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" variant="primary" isBusy={resume.isPending}>
            Resume
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
