import type { Severity } from '@signalbox/proto/api';
import { Field, Input, Textarea } from '../../components/ui/field.tsx';
import { SeveritySelect } from '../../components/ui/severity.tsx';

const TITLE_MAX = 300;

/** What an incident is declared with. */
export function IncidentFields({ title = '' }: { title?: string }) {
  return (
    <>
      <Field label="What is wrong" isRequired>
        {(control) => (
          <Input {...control} name="title" required maxLength={TITLE_MAX} autoComplete="off" defaultValue={title.slice(0, TITLE_MAX)} />
        )}
      </Field>
      <Field label="Severity">{(control) => <SeveritySelect {...control} name="severity" defaultValue="moderate" />}</Field>
      <Field label="What is known">{(control) => <Textarea {...control} name="summary" maxLength={10_000} />}</Field>
    </>
  );
}

export const incidentIn = (form: FormData) => ({
  title: String(form.get('title')).trim(),
  severity: String(form.get('severity')) as Severity,
  summary: String(form.get('summary')),
});
