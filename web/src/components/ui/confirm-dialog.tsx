'use client';
import { AlertDialog as Radix } from 'radix-ui';
import { type ReactNode, useEffect, useState } from 'react';
import { Button } from './button.tsx';
import { OVERLAY } from './dialog.tsx';
import { Field, Input } from './field.tsx';
import { useFocusReturn } from './focus-return.ts';

interface ConfirmDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  /** What will happen, and what will not. */
  children: ReactNode;
  confirmLabel: string;
  cancelLabel?: string;
  isBusy?: boolean;
  /** What must be typed before it can be confirmed, for what destroys most. */
  typeToConfirm?: string | undefined;
  onConfirm: () => void;
}

/** Asks before something that cannot be taken back. The safe answer has the focus. */
export function ConfirmDialog({
  isOpen,
  onOpenChange,
  title,
  children,
  confirmLabel,
  cancelLabel = 'Keep it',
  isBusy = false,
  typeToConfirm,
  onConfirm,
}: ConfirmDialogProps) {
  const { remember, onCloseAutoFocus } = useFocusReturn();
  const [typed, setTyped] = useState('');
  useEffect(() => {
    if (!isOpen) setTyped('');
  }, [isOpen]);
  return (
    <Radix.Root open={isOpen} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content
          onOpenAutoFocus={remember}
          onCloseAutoFocus={onCloseAutoFocus}
          className="fixed inset-x-3 top-[18vh] z-50 mx-auto max-w-md animate-pop rounded-lg border border-line bg-raised p-5 shadow-pop"
        >
          <Radix.Title className="text-[0.9375rem] font-semibold">{title}</Radix.Title>
          <Radix.Description asChild>
            <div className="mt-2 text-sm text-ink-2">{children}</div>
          </Radix.Description>
          {typeToConfirm && (
            <div className="mt-4">
              <Field
                label={
                  <span>
                    Type <code className="rounded-sm bg-sunken px-1">{typeToConfirm}</code> to confirm
                  </span>
                }
              >
                {(control) => (
                  <Input
                    {...control}
                    value={typed}
                    onChange={(event) => setTyped(event.target.value)}
                    autoComplete="off"
                    spellCheck={false}
                  />
                )}
              </Field>
            </div>
          )}
          <div className="mt-5 flex justify-end gap-2">
            <Radix.Cancel asChild>
              <Button>{cancelLabel}</Button>
            </Radix.Cancel>
            <Button
              variant="danger"
              isBusy={isBusy}
              disabled={typeToConfirm !== undefined && typed.trim() !== typeToConfirm}
              onClick={onConfirm}
            >
              {confirmLabel}
            </Button>
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
