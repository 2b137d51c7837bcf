'use client';
import type { IncidentDetail, IncidentLink, IncidentStatus, Severity } from '@signalbox/proto/api';
import { X } from 'lucide-react';
import { Button } from '../../components/ui/button.tsx';
import { Field, Select, Textarea } from '../../components/ui/field.tsx';
import { DialogForm, FormDialog } from '../../components/ui/form-dialog.tsx';
import { SeveritySelect } from '../../components/ui/severity.tsx';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';

const STALE = [['incidents']];
type OpenStatus = Exclude<IncidentStatus, 'resolved'>;
const STATUSES: readonly OpenStatus[] = ['open', 'investigating', 'monitoring'];

/** Status, severity and end of an incident. */
export function IncidentActions({ incident }: { incident: IncidentDetail }) {
  const { id, status, severity } = incident;
  const update = useWrite(
    (change: { status?: OpenStatus; severity?: Severity }) => api.incidents.update.mutate({ incident: id, ...change }),
    { stale: STALE },
  );
  const isOver = status === 'resolved';
  return (
    <>
      <span className="w-32">
        <SeveritySelect
          aria-label="Severity"
          value={severity}
          disabled={update.isPending}
          onChange={(event) => update.mutate({ severity: event.target.value as Severity })}
        />
      </span>
      {!isOver && (
        <span className="w-36">
          <Select
            aria-label="Status"
            value={status}
            disabled={update.isPending}
            onChange={(event) => update.mutate({ status: event.target.value as OpenStatus })}
          >
            {STATUSES.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
        </span>
      )}
      <FormDialog
        title={isOver ? 'Reopen the incident' : 'Resolve the incident'}
        trigger={(open) => (
          <Button variant="primary" onClick={open}>
            {isOver ? 'Reopen' : 'Resolve'}
          </Button>
        )}
      >
        {(close) => <EndForm incident={incident} onClose={close} />}
      </FormDialog>
    </>
  );
}

function EndForm({ incident: { id, status }, onClose }: { incident: IncidentDetail; onClose: () => void }) {
  const isOver = status === 'resolved';
  const end = useWrite((text: string) => (isOver ? api.incidents.reopen : api.incidents.resolve).mutate({ incident: id, text }), {
    done: isOver ? 'The incident is open again' : 'The incident is resolved',
    stale: STALE,
    isErrorToasted: false,
  });
  return (
    <DialogForm
      submitLabel={isOver ? 'Reopen' : 'Resolve'}
      isBusy={end.isPending}
      error={end.error}
      onClose={onClose}
      onSubmit={(form) => end.mutate(String(form.get('text')), { onSuccess: onClose })}
    >
      <Field label={isOver ? 'Why' : 'What was done'} hint="Stands in the timeline.">
        {(control) => <Textarea {...control} name="text" maxLength={10_000} />}
      </Field>
    </DialogForm>
  );
}

export function UnlinkButton({ incident: { id }, link: { ref, name } }: { incident: IncidentDetail; link: IncidentLink }) {
  const unlink = useWrite(() => api.incidents.unlink.mutate({ incident: id, ref }), { stale: STALE });
  return (
    <Button size="icon" variant="quiet" aria-label={`Unlink ${name || ref}`} isBusy={unlink.isPending} onClick={() => unlink.mutate()}>
      <X aria-hidden className="size-3.5" />
    </Button>
  );
}

export function CommentForm({ incident: { id } }: { incident: IncidentDetail }) {
  const comment = useWrite((text: string) => api.incidents.comment.mutate({ incident: id, text }), { stale: STALE });
  return (
    <form
      className="flex items-start gap-2 border-t border-line p-4"
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const text = String(new FormData(form).get('text')).trim();
        if (text) comment.mutate(text, { onSuccess: () => form.reset() });
      }}
    >
      <Textarea name="text" aria-label="Comment" placeholder="Say what you see or do" required maxLength={10_000} className="min-h-14" />
      <Button type="submit" isBusy={comment.isPending}>
        Comment
      </Button>
    </form>
  );
}
