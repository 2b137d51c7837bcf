import type { ComponentProps } from 'react';
import { cn } from '../../lib/class-names.ts';
import { Spinner } from './spinner.tsx';

type Variant = 'primary' | 'secondary' | 'quiet' | 'danger';

const VARIANT: Record<Variant, string> = {
  primary: 'bg-ink text-bg hover:bg-ink/85 disabled:bg-ink/45',
  secondary: 'border border-line-strong bg-surface text-ink hover:bg-hover disabled:text-ink-3',
  quiet: 'text-ink-2 hover:bg-hover hover:text-ink disabled:text-ink-3',
  danger: 'bg-danger-solid text-white hover:bg-danger-solid/90 disabled:opacity-60',
};

/** The look of a button, for links that act like one. */
export function buttonClass(variant: Variant = 'secondary', size: 'sm' | 'md' | 'icon' = 'md'): string {
  return cn(
    'inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md text-sm font-medium transition-colors',
    size === 'md' && 'h-8 px-3',
    size === 'sm' && 'h-7 px-2',
    size === 'icon' && 'size-8',
    VARIANT[variant],
  );
}

interface ButtonProps extends ComponentProps<'button'> {
  variant?: Variant;
  size?: 'sm' | 'md' | 'icon';
  /** Shows that work is under way and takes no second click. */
  isBusy?: boolean;
}

export function Button({ variant, size, isBusy = false, className, disabled, children, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={cn(buttonClass(variant, size), className)}
      disabled={disabled || isBusy}
      aria-busy={isBusy || undefined}
      {...rest}
    >
      {isBusy && <Spinner />}
      {children}
    </button>
  );
}
