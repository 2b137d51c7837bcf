'use client';
import type { Incident } from '@signalbox/proto/api';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Siren } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { Field, Select } from '../../components/ui/field.tsx';
import { DialogForm, FormDialog } from '../../components/ui/form-dialog.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { May, useMay } from '../shell/session.tsx';
import { IncidentFields, incidentIn } from './incident-fields.tsx';
import { incidentQueries } from './queries.ts';

/** What an incident can be about, as one id, and what it is called where it is declared. */
export interface Subject {
  readonly id: `run_${string}` | `fail_${string}` | `fire_${string}`;
  readonly title: string;
}

const aboutOf = ({ id }: Subject) => {
  if (id.startsWith('run_')) return { runs: [id as `run_${string}`] };
  return id.startsWith('fail_') ? { failureGroups: [id as `fail_${string}`] } : { firings: [id as `fire_${string}`] };
};

/** A button that declares an incident about this, or links it to one that is open. */
export function IncidentButton({ subject, size = 'md' }: { subject: Subject; size?: 'sm' | 'md' }) {
  return (
    <May scope="incidents:write">
      <FormDialog
        title="Incident"
        description="Link it to what people work on already, or declare a new one."
        trigger={(open) => (
          <Button size={size} variant={size === 'sm' ? 'quiet' : 'secondary'} aria-label={`Incident about ${subject.title}`} onClick={open}>
            <Siren aria-hidden className={size === 'sm' ? 'size-3' : 'size-3.5'} />
            Incident
          </Button>
        )}
      >
        {(close) => <AboutForm subject={subject} onClose={close} />}
      </FormDialog>
    </May>
  );
}

function AboutForm({ subject, onClose }: { subject: Subject; onClose: () => void }) {
  const router = useRouter();
  const open = useInfiniteQuery(incidentQueries(api).list(false));
  const items = open.data?.pages.flatMap((page) => page.items) ?? [];
  const [chosen, setChosen] = useState<Incident['id'] | ''>('');
  const declare = useWrite((form: FormData) => api.incidents.declare.mutate({ ...incidentIn(form), ...aboutOf(subject) }), {
    stale: [['incidents']],
    isErrorToasted: false,
  });
  const link = useWrite((incident: Incident['id']) => api.incidents.link.mutate({ incident, ...aboutOf(subject) }), {
    stale: [['incidents']],
    isErrorToasted: false,
  });
  return (
    <DialogForm
      submitLabel={chosen ? 'Link' : 'Declare'}
      isBusy={declare.isPending || link.isPending}
      error={declare.error ?? link.error}
      onClose={onClose}
      onSubmit={(form) => {
        if (!chosen) return declare.mutate(form, { onSuccess: ({ id }) => router.push(paths.incident(id)) });
        link.mutate(chosen, {
          onSuccess: () => {
            onClose();
            toast.success('Linked to the incident');
          },
        });
      }}
    >
      <Field label="Incident">
        {(control) => (
          <Select {...control} value={chosen} onChange={(event) => setChosen(event.target.value as typeof chosen)}>
            <option value="">A new one</option>
            {items.map(({ id, title, severity }) => (
              <option key={id} value={id}>
                {title} ({severity})
              </option>
            ))}
          </Select>
        )}
      </Field>
      {open.hasNextPage && (
        <Button size="sm" variant="quiet" isBusy={open.isFetchingNextPage} onClick={() => void open.fetchNextPage()}>
          Older ones too
        </Button>
      )}
      {!chosen && <IncidentFields title={subject.title} />}
    </DialogForm>
  );
}

/** Incidents about this that are not over, as links; nothing where there is none, or one may not see them. */
export function IncidentsAbout({ id }: { id: Subject['id'] }) {
  const may = useMay();
  const about = useQuery({ ...incidentQueries(api).about(id), enabled: may('incidents:read') });
  return about.data?.items.map(({ id: incident, title }) => (
    <Link
      key={incident}
      href={paths.incident(incident)}
      className="inline-flex max-w-full items-center gap-1.5 text-sm text-danger underline decoration-line-strong underline-offset-2 hover:decoration-danger"
    >
      <Siren aria-hidden className="size-3.5 shrink-0" />
      <span className="truncate">{title}</span>
    </Link>
  ));
}
