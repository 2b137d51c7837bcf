'use client';
import { type ComponentProps, type ReactNode, useState } from 'react';
import { Button } from './button.tsx';
import { ConfirmDialog } from './confirm-dialog.tsx';

interface ConfirmButtonProps extends Pick<ComponentProps<typeof Button>, 'variant' | 'size' | 'disabled' | 'title'> {
  label: string;
  /** Names the thing too, where several buttons of a list read alike. */
  ariaLabel?: string;
  question: string;
  /** What will happen, and what will not. */
  children: ReactNode;
  confirmLabel: string;
  typeToConfirm?: string;
  isBusy?: boolean;
  /** Call `close` once it is settled. */
  onConfirm: (close: () => void) => void;
}

/** A button that asks first. */
export function ConfirmButton({
  label,
  ariaLabel,
  question,
  children,
  confirmLabel,
  typeToConfirm,
  isBusy,
  onConfirm,
  variant = 'quiet',
  size = 'sm',
  ...rest
}: ConfirmButtonProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button variant={variant} size={size} aria-label={ariaLabel} onClick={() => setOpen(true)} {...rest}>
        {label}
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={question}
        confirmLabel={confirmLabel}
        typeToConfirm={typeToConfirm}
        isBusy={isBusy ?? false}
        onConfirm={() => onConfirm(() => setOpen(false))}
      >
        {children}
      </ConfirmDialog>
    </>
  );
}
