import type { RunFailure } from '@signalbox/proto';
import type { ReactNode } from 'react';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { Notice } from '../../components/ui/notice.tsx';

const TITLE: Record<RunFailure['kind'], string> = {
  application: 'The flow’s own code failed',
  cancelled: 'Cancelled',
  'timed-out': 'Took longer than allowed',
  crashed: 'The process died',
  lost: 'The agent was not heard of in time',
};

/** Why it failed: kind, cause in one sentence, exit of the process, stack; and what else there is to say of it. */
export function FailureView({ failure, children }: { failure: RunFailure; children?: ReactNode }) {
  const exit = [failure.exitCode !== undefined && `exit code ${failure.exitCode}`, failure.signal].filter(Boolean).join(', ');
  return (
    <Notice tone="danger" title={TITLE[failure.kind]}>
      <p className="font-mono text-xs leading-5 text-ink [overflow-wrap:anywhere]">
        {failure.name && !failure.message.startsWith(failure.name) ? `${failure.name}: ` : ''}
        {failure.message}
      </p>
      {exit && <p className="mt-1 text-xs">{exit}</p>}
      {failure.retryable === false && <p className="mt-1 text-xs">The code said that trying again cannot help.</p>}
      {failure.stack && (
        <details className="mt-2" open={failure.stack.split('\n').length <= 8}>
          <summary className="text-xs text-ink-3 hover:text-ink">Stack</summary>
          <div className="mt-1.5">
            <CodeBlock label="Stack" text={failure.stack} />
          </div>
        </details>
      )}
      {children}
    </Notice>
  );
}
