'use client';
import type { PoolTemplate, ShownPoolTemplate } from '@signalbox/proto/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field, Textarea } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { workPoolQueries } from './queries.ts';

/** The pool's job template: which variables a job takes, the pool's own values, and what the launcher is told. */
export function TemplateForm({ pool }: { pool: string }) {
  const template = useQuery(workPoolQueries(api).template(pool));
  if (template.isError) return <ErrorState error={template.error} onRetry={() => void template.refetch()} />;
  if (!template.data) return <Skeleton className="m-4 h-32" />;
  // Made anew when it was changed elsewhere, so that an editor never holds what is over.
  return <Editor key={JSON.stringify(template.data.template)} shown={template.data} />;
}

function Editor({ shown }: { shown: ShownPoolTemplate }) {
  const queryClient = useQueryClient();
  const stored = JSON.stringify(shown.template, null, 2);
  const [text, setText] = useState(stored);
  const save = useMutation({
    mutationFn: (template: string | null) =>
      api.workPools.setTemplate.mutate({ pool: shown.pool, template: template === null ? null : (JSON.parse(template) as PoolTemplate) }),
    onSuccess: () => {
      toast.success('Changed: it holds from the next claim on');
      return queryClient.invalidateQueries({ queryKey: ['work-pools'] });
    },
  });
  const problem = save.error instanceof SyntaxError ? `Expected JSON: ${save.error.message}` : save.error && readError(save.error).message;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(text);
  };
  return (
    <form onSubmit={onSubmit} className="space-y-3 p-4">
      {shown.conflicts.length > 0 && (
        <Notice tone="warn" title="Runs of these are refused, or lack a variable">
          <ul>
            {shown.conflicts.map((conflict) => (
              <li key={conflict}>{conflict}</li>
            ))}
          </ul>
        </Notice>
      )}
      <Field
        label="Variables and job"
        hint={
          shown.custom
            ? 'variables: a JSON Schema with defaults. job: what the launcher is told, with {{ variables }}.'
            : `The ${shown.launcher} launcher's own. Save a change to give this pool one of its own.`
        }
        error={problem || null}
      >
        {(control) => (
          <Textarea
            {...control}
            value={text}
            onChange={(event) => setText(event.target.value)}
            spellCheck={false}
            className="min-h-56 font-mono text-xs"
          />
        )}
      </Field>
      <div className="flex justify-end gap-2">
        {shown.custom && (
          <Button variant="quiet" isBusy={save.isPending} onClick={() => save.mutate(null)}>
            <RotateCcw aria-hidden className="size-3.5" />
            Reset to the launcher's
          </Button>
        )}
        <Button type="submit" disabled={text === stored} isBusy={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}
