'use client';
import { RotateCw } from 'lucide-react';
import { useContext } from 'react';
import { ForbiddenHelp } from '../../lib/forbidden-help.tsx';
import { explainError, readError } from '../../lib/trpc/errors.ts';
import { Button } from './button.tsx';

/** What went wrong, what to do, and a way to try again. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const body = readError(error);
  const { title, advice } = explainError(body);
  const Help = useContext(ForbiddenHelp);
  const scope = body.code === 'FORBIDDEN' && body.details?.['scope'];
  return (
    <div role="alert" className="mx-auto max-w-xl px-6 py-14 text-center">
      <span className="mx-auto mb-4 block w-fit rounded-full border border-line bg-surface p-2 text-danger">
        <span aria-hidden className="lamp block" />
      </span>
      <h2 className="text-[0.9375rem] font-semibold">{title}</h2>
      <p className="mt-1.5 text-sm text-ink-2">{body.message}</p>
      <p className="mt-1 text-sm text-ink-3">{Help && typeof scope === 'string' ? <Help scope={scope} /> : advice}</p>
      {body.requestId && <p className="mt-2 font-mono text-xs text-ink-3">request {body.requestId}</p>}
      {onRetry && body.code !== 'FORBIDDEN' && (
        <Button className="mt-4" onClick={onRetry}>
          <RotateCw aria-hidden className="size-3.5" />
          Try again
        </Button>
      )}
    </div>
  );
}

/** In place of what one may not do, before one has filled it in. */
export function NotAllowed({ scope }: { scope: string }) {
  const Help = useContext(ForbiddenHelp);
  const { title, advice } = explainError({ code: 'FORBIDDEN', message: '' });
  return (
    <div role="alert" className="mx-auto max-w-xl px-6 py-14 text-center">
      <h2 className="text-[0.9375rem] font-semibold">{title}</h2>
      <p className="mt-1.5 text-sm text-ink-2">{Help ? <Help scope={scope} /> : advice}</p>
    </div>
  );
}
