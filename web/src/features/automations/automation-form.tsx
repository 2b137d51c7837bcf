'use client';
import type { Automation } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { parse, stringify } from 'yaml';
import { Button } from '../../components/ui/button.tsx';
import { Field, Input, Textarea } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { TabPanel, Tabs } from '../../components/ui/tabs.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { issuesUnder, readError } from '../../lib/trpc/errors.ts';
import { ActionPreview } from './action-preview.tsx';
import { ActionsForm } from './actions-form.tsx';
import type { Draft } from './draft.ts';
import { TriggerForm } from './trigger-form.tsx';
import { WouldHaveFired } from './would-have-fired.tsx';

interface AutomationFormProps {
  initial: Draft;
  /** The one that is changed; null: a new one. */
  automation: Automation | null;
  onDone?: () => void;
}

/** Trigger, actions and details, as a form or as text; both say the same at any time. */
export function AutomationForm({ initial, automation, onDone }: AutomationFormProps) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(initial);
  const [view, setView] = useState('form');
  const [text, setText] = useState('');
  const [textProblem, setTextProblem] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: () =>
      automation
        ? api.automations.update.mutate({ description: '', onResolve: [], onTrigger: [], ...draft, automation: automation.id })
        : api.automations.create.mutate(draft),
    onSuccess: (saved) => {
      void queryClient.invalidateQueries({ queryKey: ['automations'] });
      onDone?.();
      if (!automation) router.push(paths.automation(saved.id));
    },
    onError: () => {},
  });
  const problem = save.error ? readError(save.error) : null;
  const at = (field: string) => {
    const issue = problem?.issues?.find((each) => each.field === field) ?? issuesUnder(field, problem?.issues)[0];
    return issue ? `Expected ${issue.expected}.` : null;
  };
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });

  const show = (next: string) => {
    if (next === 'text') setText(stringify(draft, { lineWidth: 100 }));
    else if (textProblem) return;
    setView(next);
  };
  const onText = (typed: string) => {
    setText(typed);
    try {
      const read: unknown = parse(typed);
      if (typeof read !== 'object' || read === null || !('trigger' in read)) throw new Error('expected name, trigger and onTrigger');
      setDraft(read as Draft);
      setTextProblem(null);
    } catch (reason) {
      setTextProblem(reason instanceof Error ? reason.message : String(reason));
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (!textProblem) save.mutate();
  };

  return (
    <form onSubmit={onSubmit} className="space-y-4">
      {problem && (
        <Notice tone="danger" role="alert" title={problem.message}>
          {problem.issues && problem.issues.length > 0 && (
            <ul>
              {problem.issues.slice(0, 10).map(({ field, expected }) => (
                <li key={`${field} ${expected}`}>
                  <code>{field}</code>: expected {expected}
                </li>
              ))}
            </ul>
          )}
        </Notice>
      )}
      <Tabs
        label="How it is written"
        value={view}
        onChange={show}
        tabs={[
          { value: 'form', label: 'Form' },
          { value: 'text', label: 'Text' },
        ]}
      >
        <TabPanel value="form">
          <div className="grid gap-4 xl:grid-cols-[3fr_2fr]">
            <div className="space-y-4">
              <Panel title="Trigger">
                <div className="p-4">
                  <TriggerForm
                    trigger={draft.trigger}
                    onChange={(trigger) => set({ trigger })}
                    errorAt={(field) => at(`trigger.${field}`)}
                  />
                </div>
              </Panel>
              <Panel title="Actions">
                <div className="space-y-6 p-4">
                  <ActionsForm
                    label="When it fires"
                    hint="Each on its own: one that fails holds up no other."
                    actions={draft.onTrigger ?? []}
                    onChange={(onTrigger) => set({ onTrigger })}
                    errorAt={(field) => at(`onTrigger.${field}`)}
                  />
                  <ActionsForm
                    label="When it is over"
                    hint="Of figures, deadlines, and events with “Over when”."
                    actions={draft.onResolve ?? []}
                    onChange={(onResolve) => set({ onResolve })}
                    errorAt={(field) => at(`onResolve.${field}`)}
                  />
                </div>
              </Panel>
            </div>
            <div className="space-y-4">
              <Panel title="Details">
                <div className="space-y-4 p-4">
                  <Field label="Name" error={at('name')} isRequired>
                    {(control) => (
                      <Input
                        {...control}
                        required
                        maxLength={200}
                        autoComplete="off"
                        value={draft.name}
                        onChange={(event) => set({ name: event.target.value })}
                      />
                    )}
                  </Field>
                  <Field label="Description" error={at('description')}>
                    {(control) => (
                      <Textarea
                        {...control}
                        maxLength={2_000}
                        value={draft.description ?? ''}
                        onChange={(event) => set({ description: event.target.value })}
                      />
                    )}
                  </Field>
                </div>
              </Panel>
              <Panel title="On the past">
                <div className="p-4">
                  <WouldHaveFired trigger={draft.trigger} />
                </div>
              </Panel>
              <Panel title="What the actions would say">
                <div className="p-4">
                  <ActionPreview trigger={draft.trigger} actions={[...(draft.onTrigger ?? []), ...(draft.onResolve ?? [])]} />
                </div>
              </Panel>
            </div>
          </div>
        </TabPanel>
        <TabPanel value="text">
          <Field
            label="Automation"
            hint={
              <>
                YAML or JSON, the same as <code>signalbox automations apply -f</code> takes. The form follows.
              </>
            }
            error={textProblem}
          >
            {(control) => (
              <Textarea
                {...control}
                spellCheck={false}
                className="min-h-[55vh] font-mono text-xs leading-5"
                value={text}
                onChange={(event) => onText(event.target.value)}
              />
            )}
          </Field>
        </TabPanel>
      </Tabs>
      <div className="flex items-center gap-2">
        <Button type="submit" variant="primary" isBusy={save.isPending} disabled={textProblem !== null}>
          {automation ? 'Save' : 'Create'}
        </Button>
        {onDone && <Button onClick={onDone}>Leave it as it was</Button>}
      </div>
    </form>
  );
}
