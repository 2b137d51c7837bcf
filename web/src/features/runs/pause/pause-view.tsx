'use client';
import type { RunPause } from '@signalbox/proto/api';
import { Play } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Notice } from '../../../components/ui/notice.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { useMay } from '../../shell/session.tsx';
import type { RunDetail } from '../queries.ts';
import { approverNames, pauseTitle } from './pause-title.ts';
import { ResumeDialog } from './resume-dialog.tsx';

/** What a run asks a person, since when and until when, and the way to answer. */
export function PauseView({ run, pause }: { run: RunDetail; pause: RunPause }) {
  const [isOpen, setOpen] = useState(false);
  const mayAnswer = useMay()('runs:operate', [run.deployment.id]);
  return (
    <Notice tone="warn" title={pauseTitle(pause)} role="status">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <div className="min-w-0 space-y-1">
          {pause.message && <p className="whitespace-pre-wrap text-ink [overflow-wrap:anywhere]">{pause.message}</p>}
          <p className="text-xs text-ink-3">
            {pause.askedBy ? `By ${pause.askedBy}` : 'By its flow'} <RelativeTime at={pause.askedAt} />
            {' · '}question <code>{pause.key}</code>
            {pause.expiresAt && (
              <>
                {' · '}fails <RelativeTime at={pause.expiresAt} /> unless it is resumed
              </>
            )}
          </p>
          {pause.approvers && <p className="text-xs text-ink-2">Only {approverNames(pause.approvers)} may answer.</p>}
        </div>
        {mayAnswer && (pause.inEffect || pause.how === 'pause') && (
          <Button variant="primary" onClick={() => setOpen(true)}>
            <Play aria-hidden className="size-3.5" />
            {pause.inEffect ? 'Resume' : 'Take it back'}
          </Button>
        )}
      </div>
      {isOpen && <ResumeDialog run={run} pause={pause} onClose={() => setOpen(false)} />}
    </Notice>
  );
}
