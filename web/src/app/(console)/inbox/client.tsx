'use client';
import type { Question } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { CodeBlock } from '../../../components/ui/code-block.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { QUESTIONS_SHOWN, questionQueries } from '../../../features/questions/queries.ts';
import { approverNames } from '../../../features/runs/pause/pause-title.ts';
import { ResumeDialog } from '../../../features/runs/pause/resume-dialog.tsx';
import { useLive } from '../../../lib/live/live.tsx';
import { paths } from '../../../lib/paths.ts';
import { api } from '../../../lib/trpc/client.ts';

export function InboxPage() {
  const [open, setOpen] = useState<Question | null>(null);
  const questions = useQuery(questionQueries(api).list());
  useLive(
    (event) => event.kind === 'run',
    () => void questions.refetch({ cancelRefetch: false }),
    1_000,
  );
  const items = questions.data?.items ?? [];
  const mine = items.filter(({ mayAnswer }) => mayAnswer);
  const others = items.filter(({ mayAnswer }) => !mayAnswer);
  return (
    <>
      <PageHeader title="Inbox" description="What runs ask people, and wait for" />
      <PageBody>
        {questions.isPending ? (
          <Panel>
            <SkeletonRows />
          </Panel>
        ) : questions.isError ? (
          <Panel>
            <ErrorState error={questions.error} onRetry={() => void questions.refetch()} />
          </Panel>
        ) : items.length === 0 ? (
          <Panel>
            <EmptyState title="No run asks anything">
              <p>A flow that needs a yes, or something only a person knows, waits here with its question:</p>
              <div className="text-left">
                <CodeBlock
                  label="Example"
                  text={"const { approved } = await approve({ message: 'Pay 500?', from: { teams: ['finance'] }, deadline: '2d' });"}
                />
              </div>
            </EmptyState>
          </Panel>
        ) : (
          <>
            <QuestionList title="For you" items={mine} empty="Nothing that you may answer." onAnswer={setOpen} />
            {others.length > 0 && <QuestionList title="For others" items={others} empty="" onAnswer={setOpen} />}
            {questions.data.nextCursor && <p className="text-xs text-ink-3">The first {QUESTIONS_SHOWN} are shown.</p>}
          </>
        )}
      </PageBody>
      {open && <ResumeDialog run={open.run} pause={open} onClose={() => setOpen(null)} />}
    </>
  );
}

interface QuestionListProps {
  title: string;
  items: readonly Question[];
  empty: string;
  onAnswer: (question: Question) => void;
}

function QuestionList({ title, items, empty, onAnswer }: QuestionListProps) {
  return (
    <Panel title={title}>
      {items.length === 0 ? (
        <p className="px-4 py-6 text-center text-sm text-ink-3">{empty}</p>
      ) : (
        <ul className="divide-y divide-line">
          {items.map((question) => (
            <QuestionRow key={question.run.id} question={question} onAnswer={() => onAnswer(question)} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function QuestionRow({ question, onAnswer }: { question: Question; onAnswer: () => void }) {
  const { run, key, message, approvers, askedBy, askedAt, expiresAt, mayAnswer } = question;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-80 space-y-0.5">
        <p className="whitespace-pre-wrap text-sm font-medium [overflow-wrap:anywhere]">{message ?? `The run waits (${key}).`}</p>
        <p className="text-xs text-ink-3">
          <Link href={paths.run(run.id)} className="text-ink-2 hover:underline">
            {run.name}
          </Link>{' '}
          of {run.flow}/{run.deployment} · asked {askedBy && `by ${askedBy} `}
          <RelativeTime at={askedAt} /> · ends <RelativeTime at={expiresAt} />
        </p>
        <p className="text-xs text-ink-3">
          {approvers ? `Only ${approverNames(approvers)} may answer.` : 'Whoever may operate runs may answer.'}
        </p>
      </div>
      {mayAnswer && (
        <Button variant="primary" onClick={onAnswer}>
          Answer
        </Button>
      )}
    </li>
  );
}
