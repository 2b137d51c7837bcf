import { type RefObject, useEffect, useRef } from 'react';

/** A form that goes to what is wrong with it: to the first field that is, else to where the problem is told. */
export function useShowProblem(problem: unknown): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (!problem) return;
    const field = form.current?.querySelector<HTMLElement>('[aria-invalid=true]');
    if (field) {
      field.focus({ preventScroll: true });
      // With its label and what is wrong.
      field.parentElement?.scrollIntoView({ block: 'center' });
    } else form.current?.querySelector('[role=alert]')?.scrollIntoView({ block: 'nearest' });
  }, [problem]);
  return form;
}
