'use client';
import type { Deployment, RunSummary } from '@signalbox/proto/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter, FIELD } from '../../../components/ui/dialog.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Field, Input, Select } from '../../../components/ui/field.tsx';
import { Notice } from '../../../components/ui/notice.tsx';
import { useShowProblem } from '../../../components/ui/show-problem.ts';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { cn } from '../../../lib/class-names.ts';
import { localTimeZone } from '../../../lib/format.ts';
import { api } from '../../../lib/trpc/client.ts';
import { issuesUnder, readError } from '../../../lib/trpc/errors.ts';
import { deploymentQueries } from '../../deployments/queries.ts';
import { workPoolQueries } from '../../work-pools/queries.ts';
import { SchemaForm } from './schema-form.tsx';
import { useRunForm } from './use-run-form.ts';

interface RunDialogProps {
  deploymentId: string;
  /** Shown to begin with, over the deployment's defaults. */
  initialParameters?: unknown;
  onClose: () => void;
  onCreated: (run: RunSummary) => void;
}

/** Starts a run of a deployment, with a form made from its parameter schema. */
export function RunDialog({ deploymentId, initialParameters, onClose, onCreated }: RunDialogProps) {
  const deployment = useQuery(deploymentQueries(api).detail(deploymentId));
  const name = deployment.data && `${deployment.data.flow.name}/${deployment.data.name}`;
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={name ? `Run ${name}` : 'Run'}
      description={
        deployment.data?.paused
          ? 'This deployment is paused: the run waits until it is resumed.'
          : 'An agent takes it as soon as one has room.'
      }
    >
      {deployment.data ? (
        <RunForm deployment={deployment.data} initial={initialParameters} onClose={onClose} onCreated={onCreated} />
      ) : deployment.isError ? (
        <ErrorState error={deployment.error} onRetry={() => void deployment.refetch()} />
      ) : (
        <SkeletonRows count={4} />
      )}
    </Dialog>
  );
}

function RunForm({
  deployment,
  initial,
  onClose,
  onCreated,
}: {
  deployment: Deployment;
  initial: unknown;
  onClose: () => void;
  onCreated: (run: RunSummary) => void;
}) {
  const form = useRunForm(deployment, initial);
  const [name, setName] = useState('');
  const [tags, setTags] = useState('');
  const [queue, setQueue] = useState('');
  const [isLater, setLater] = useState(false);
  const [isMoreOpen, setMoreOpen] = useState(false);
  const [dueAt, setDueAt] = useState('');
  // One key per dialog: pressing twice, or again after a lost answer, makes one run.
  const [idempotencyKey, setIdempotencyKey] = useState(() => `console-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`);
  // Offered, not asked for: whoever may not see the pool types the name.
  const pool = useQuery({ ...workPoolQueries(api).detail(deployment.pool?.name ?? ''), enabled: deployment.pool !== null && isMoreOpen });
  const queues = (pool.data?.queues ?? []).map((each) => each.name);
  const queryClient = useQueryClient();
  const create = useMutation({
    mutationFn: (parameters: Record<string, unknown>) =>
      api.runs.create.mutate({
        deployment: deployment.id,
        parameters,
        tags: tags
          .split(',')
          .map((tag) => tag.trim())
          .filter(Boolean),
        idempotencyKey,
        ...(name.trim() ? { name: name.trim() } : {}),
        ...(queue.trim() ? { queue: queue.trim() } : {}),
        ...(isLater && dueAt ? { dueAt: new Date(dueAt).toISOString() } : {}),
      }),
    onSuccess: (run) => {
      toast.success(`${run.name} is on its way`);
      void queryClient.invalidateQueries({ queryKey: ['runs'] });
      onClose();
      onCreated(run);
    },
    onError: (error) => {
      const issues = readError(error).issues ?? [];
      form.refuse(issues);
      if (['name', 'tags', 'queue', 'dueAt'].some((field) => issuesUnder(field, issues).length > 0)) setMoreOpen(true);
      // A refusal made no run; the corrected request is another one.
      if (readError(error).code !== 'UNAVAILABLE') setIdempotencyKey(`console-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`);
    },
  });
  const problem = create.error ? readError(create.error) : null;
  const issueAt = (field: string) =>
    problem &&
    issuesUnder(field, problem.issues)
      .map((issue) => `Expected ${issue.expected}.`)
      .join(' ');
  const shown = useShowProblem(create.error ?? (form.errors.size > 0 ? form.errors : null));
  // Not there yet when the dialog opened.
  useEffect(() => shown.current?.querySelector<HTMLElement>(FIELD)?.focus(), [shown]);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const parameters = form.read();
    if (parameters) create.mutate(parameters);
  };

  return (
    <form ref={shown} onSubmit={onSubmit} noValidate className="flex min-h-0 flex-1 flex-col">
      <DialogBody className="space-y-5">
        {problem && <Notice tone="danger" role="alert" title={problem.message} />}
        <section>
          <div className="mb-2 flex items-center justify-between">
            <h3 className="text-xs text-ink-3">Parameters</h3>
            {form.hasForm && (
              <fieldset aria-label="How to enter parameters" className="flex rounded-md border border-line-strong p-0.5">
                {(['form', 'json'] as const).map((mode) => (
                  <button
                    key={mode}
                    type="button"
                    aria-pressed={form.mode === mode}
                    onClick={() => form.switchTo(mode)}
                    className={cn('h-5 rounded-sm px-2 text-xs', form.mode === mode ? 'bg-ink text-bg' : 'text-ink-2')}
                  >
                    {mode === 'form' ? 'Form' : 'JSON'}
                  </button>
                ))}
              </fieldset>
            )}
          </div>
          <SchemaForm field={form.field} draft={form.draft} onChange={form.setDraft} errors={form.errors} />
        </section>
        <details className="border-t border-line pt-4" open={isMoreOpen} onToggle={(event) => setMoreOpen(event.currentTarget.open)}>
          <summary className="text-sm text-ink-2 hover:text-ink">Name, tags, queue and time</summary>
          <div className="mt-3 space-y-4">
            <Field label="Name" hint="Left empty, the run gets one." error={issueAt('name')}>
              {(control) => (
                <Input {...control} value={name} onChange={(event) => setName(event.target.value)} maxLength={200} autoComplete="off" />
              )}
            </Field>
            <Field label="Tags" hint="Separated by commas." error={issueAt('tags')}>
              {(control) => <Input {...control} value={tags} onChange={(event) => setTags(event.target.value)} autoComplete="off" />}
            </Field>
            <Field label="Queue" hint="Of its work pool; left empty, the deployment's own." error={issueAt('queue')}>
              {(control) => (
                <Input
                  {...control}
                  value={queue}
                  onChange={(event) => setQueue(event.target.value)}
                  placeholder={deployment.queue ?? ''}
                  list="queues-of-pool"
                  autoComplete="off"
                />
              )}
            </Field>
            <datalist id="queues-of-pool">
              {queues.map((each) => (
                <option key={each} value={each} />
              ))}
            </datalist>
            <div className="grid gap-4 sm:grid-cols-2">
              <Field label="When">
                {(control) => (
                  <Select {...control} value={isLater ? 'later' : 'now'} onChange={(event) => setLater(event.target.value === 'later')}>
                    <option value="now">Now</option>
                    <option value="later">At a time</option>
                  </Select>
                )}
              </Field>
              {isLater && (
                <Field label="Time" hint={localTimeZone()} error={issueAt('dueAt')}>
                  {(control) => (
                    <Input
                      {...control}
                      type="datetime-local"
                      step={1}
                      required
                      value={dueAt}
                      onChange={(event) => setDueAt(event.target.value)}
                    />
                  )}
                </Field>
              )}
            </div>
          </div>
        </details>
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>Close</Button>
        <Button type="submit" variant="primary" isBusy={create.isPending} disabled={isLater && !dueAt}>
          {isLater ? 'Schedule the run' : 'Run now'}
        </Button>
      </DialogFooter>
    </form>
  );
}
