'use client';
import { useState } from 'react';
import { PageBody, PageHeader } from '../../../../components/layout/page-header.tsx';
import { Button } from '../../../../components/ui/button.tsx';
import { NotAllowed } from '../../../../components/ui/error-state.tsx';
import { Panel } from '../../../../components/ui/panel.tsx';
import { AutomationForm } from '../../../../features/automations/automation-form.tsx';
import { type Draft, draftOn, TEMPLATES } from '../../../../features/automations/draft.ts';
import { useMay } from '../../../../features/shell/session.tsx';

export function NewAutomationPage({ on }: { on: string | null }) {
  const may = useMay();
  const [draft, setDraft] = useState<Draft | null>(on === null ? null : draftOn(on));
  if (!may('automations:write'))
    return (
      <>
        <PageHeader title="New automation" />
        <PageBody>
          <Panel>
            <NotAllowed scope="automations:write" />
          </Panel>
        </PageBody>
      </>
    );
  if (draft)
    return (
      <>
        <PageHeader title="New automation">
          <Button onClick={() => setDraft(null)}>Begin with another</Button>
        </PageHeader>
        <PageBody>
          <AutomationForm initial={draft} automation={null} />
        </PageBody>
      </>
    );
  return (
    <>
      <PageHeader title="New automation" description="Begin with what comes nearest; all of it can be changed" />
      <PageBody>
        <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
          {TEMPLATES.map((template) => (
            <li key={template.title}>
              <Choice title={template.title} what={template.what} onChoose={() => setDraft(template.draft)} />
            </li>
          ))}
          <li>
            <Choice
              title="Something else"
              what="An empty one, on events of a name of yours."
              onChoose={() => setDraft({ ...draftOn('run.*'), name: '' })}
            />
          </li>
        </ul>
      </PageBody>
    </>
  );
}

function Choice({ title, what, onChoose }: { title: string; what: string; onChoose: () => void }) {
  return (
    <button
      type="button"
      onClick={onChoose}
      className="flex h-full w-full flex-col rounded-lg border border-line bg-surface p-4 text-left hover:border-line-strong hover:bg-hover"
    >
      <span className="block text-sm font-semibold">{title}</span>
      <span className="mt-1 block text-sm text-ink-2">{what}</span>
    </button>
  );
}
