'use client';
import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cn } from '../../lib/class-names.ts';
import { useFocusReturn } from './focus-return.ts';

export const OVERLAY = 'fixed inset-0 z-40 bg-black/35 backdrop-blur-[1px]';

/** What can be filled in. */
export const FIELD = 'input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled)';

interface DialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  size?: 'md' | 'lg';
}

/** A modal of header, scrolling body and (see `DialogFooter`) a fixed foot; fills the screen on a phone. */
export function Dialog({ isOpen, onOpenChange, title, description, children, size = 'md' }: DialogProps) {
  const { remember, onCloseAutoFocus } = useFocusReturn();
  const onOpenAutoFocus = (event: Event) => {
    remember();
    // What is to be filled in comes first, not the button that closes.
    const field = (event.currentTarget as HTMLElement).querySelector<HTMLElement>(FIELD);
    if (!field) return;
    event.preventDefault();
    field.focus();
  };
  return (
    <Radix.Root open={isOpen} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content
          className={cn(
            'fixed inset-x-0 bottom-0 z-50 mx-auto flex max-h-[92dvh] w-full animate-pop flex-col rounded-t-lg border border-line bg-raised shadow-pop sm:bottom-auto sm:top-[8vh] sm:max-h-[84dvh] sm:rounded-lg',
            size === 'md' ? 'sm:max-w-lg' : 'sm:max-w-2xl',
          )}
          onOpenAutoFocus={onOpenAutoFocus}
          onCloseAutoFocus={onCloseAutoFocus}
          {...(description ? {} : { 'aria-describedby': undefined })}
        >
          <header className="flex items-start gap-4 border-b border-line px-5 py-3.5">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-[0.9375rem] font-semibold">{title}</Radix.Title>
              {description && <Radix.Description className="mt-0.5 text-sm text-ink-2">{description}</Radix.Description>}
            </div>
            <Radix.Close aria-label="Close" className="-mr-2 rounded-md p-1.5 text-ink-3 hover:bg-hover hover:text-ink">
              <X aria-hidden className="size-4" />
            </Radix.Close>
          </header>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function DialogBody({ children, className }: { children: ReactNode; className?: string }) {
  return <div className={cn('min-h-0 flex-1 overflow-y-auto px-5 py-4', className)}>{children}</div>;
}

export function DialogFooter({ children }: { children: ReactNode }) {
  return <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3">{children}</footer>;
}
