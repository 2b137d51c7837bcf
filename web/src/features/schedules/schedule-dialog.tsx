'use client';
import type { Deployment, Schedule } from '@signalbox/proto/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useDeferredValue, useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../components/ui/dialog.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { draftOf, parametersOf } from './draft.ts';
import { FireList } from './fire-list.tsx';
import { type DraftSchedule, scheduleQueries } from './queries.ts';
import { PatternFields, RuleFields } from './schedule-fields.tsx';

interface ScheduleDialogProps {
  deployment: Pick<Deployment, 'id'>;
  /** Null: a new one. */
  schedule: Schedule | null;
  onClose: () => void;
}

/** Makes a schedule, or changes one that a person made; what it would fire at is shown while it is typed. */
export function ScheduleDialog({ deployment, schedule, onClose }: ScheduleDialogProps) {
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState<DraftSchedule | null>(schedule && { ...schedule });
  const [parametersError, setParametersError] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: ({ slug, rules }: { slug: string; rules: DraftSchedule & { parameters: Record<string, unknown> } }) =>
      schedule
        ? api.schedules.update.mutate({ schedule: schedule.id, slug, ...rules })
        : api.schedules.create.mutate({ deployment: deployment.id, slug, ...rules }),
    onSuccess: ({ slug }) => {
      toast.success(`Schedule ${slug} is ${schedule ? 'changed' : 'made'}`);
      void queryClient.invalidateQueries({ queryKey: ['deployments'] });
      void queryClient.invalidateQueries({ queryKey: ['schedules'] });
      onClose();
    },
    onError: () => {},
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const rules = draftOf(form, schedule);
    const parameters = parametersOf(String(form.get('parameters') ?? ''));
    setParametersError(parameters ? null : 'Expected a JSON object such as {"city": "Rome"}.');
    if (rules && parameters) save.mutate({ slug: String(form.get('slug')).trim(), rules: { ...rules, parameters } });
  };
  return (
    <Dialog
      isOpen
      size="lg"
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={schedule ? `Schedule ${schedule.slug}` : 'New schedule'}
      description="It belongs to people: no deploy touches it."
    >
      <form
        onSubmit={onSubmit}
        onInput={(event) => setDraft(draftOf(new FormData(event.currentTarget), schedule))}
        className="flex min-h-0 flex-col"
      >
        <DialogBody className="space-y-4">
          {save.error && <Notice tone="danger" role="alert" title={readError(save.error).message} />}
          <Field label="Name" hint="Lower-case letters, digits and hyphens." isRequired>
            {(control) => (
              <Input
                {...control}
                name="slug"
                required
                maxLength={63}
                pattern="[a-z0-9]+(-[a-z0-9]+)*"
                defaultValue={schedule?.slug}
                autoComplete="off"
              />
            )}
          </Field>
          <PatternFields schedule={schedule} />
          <LivePreview draft={draft} />
          <RuleFields schedule={schedule} parametersError={parametersError} />
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" variant="primary" isBusy={save.isPending} disabled={draft === null}>
            {schedule ? 'Save' : 'Create'}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

function LivePreview({ draft }: { draft: DraftSchedule | null }) {
  const settled = useDeferredValue(draft);
  const preview = useQuery({
    ...scheduleQueries(api).preview(settled ?? { spec: { kind: 'interval', everyMs: 1_000 } }),
    enabled: settled !== null,
  });
  return (
    <div aria-live="polite" className="rounded-md border border-line bg-sunken px-3 py-2">
      {settled === null ? (
        <p className="text-xs text-ink-3">The next fires show here while you type.</p>
      ) : preview.isError ? (
        <p className="text-xs text-danger">{readError(preview.error).message}</p>
      ) : preview.data ? (
        <FireList fires={preview.data.upcoming} timezone={preview.data.timezone} />
      ) : (
        <p className="text-xs text-ink-3">Looking ahead…</p>
      )}
    </div>
  );
}
