import { ChevronDown } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { cn } from '../../lib/class-names.ts';

// Phones zoom into a field of smaller letters, and stay there.
const CONTROL =
  'w-full rounded-md border border-line-strong bg-surface px-2.5 text-sm pointer-coarse:text-[1rem] text-ink aria-[invalid=true]:border-danger disabled:bg-sunken disabled:text-ink-3';

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input className={cn(CONTROL, 'h-8', className)} {...rest} />;
}

export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea className={cn(CONTROL, 'min-h-20 py-1.5', className)} {...rest} />;
}

export function Select({ className, ...rest }: ComponentProps<'select'>) {
  return (
    <span className={cn('relative inline-flex w-full', className)}>
      <select className={cn(CONTROL, 'h-8 appearance-none truncate pr-7')} {...rest} />
      <ChevronDown aria-hidden className="pointer-events-none absolute right-2 top-2.5 size-3.5 text-ink-3" />
    </span>
  );
}

export interface FieldControl {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean | undefined;
}

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong, in words; null when nothing is. */
  error?: string | null;
  isRequired?: boolean;
  /** For controls whose place says enough to the eye, such as entries of a list. */
  isLabelHidden?: boolean;
  children: (control: FieldControl) => ReactNode;
}

/** A labelled control with its hint and its error, tied together for screen readers. */
export function Field({ label, hint, error, isRequired = false, isLabelHidden = false, children }: FieldProps) {
  const id = useId();
  const hintId = hint ? `${id}-hint` : undefined;
  const errorId = error ? `${id}-error` : undefined;
  return (
    <div>
      <label htmlFor={id} className={isLabelHidden ? 'sr-only' : 'mb-1 flex items-baseline gap-1.5 text-sm font-medium'}>
        {label}
        {isRequired && !isLabelHidden && <span className="text-2xs font-normal text-ink-3">required</span>}
      </label>
      {children({
        id,
        'aria-describedby': [hintId, errorId].filter(Boolean).join(' ') || undefined,
        'aria-invalid': error ? true : undefined,
      })}
      {hint && (
        <p id={hintId} className="mt-1 text-xs text-ink-3">
          {hint}
        </p>
      )}
      {error && (
        <p id={errorId} className="mt-1 text-xs text-danger">
          {error}
        </p>
      )}
    </div>
  );
}
