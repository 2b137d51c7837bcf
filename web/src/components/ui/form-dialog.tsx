'use client';
import { type FormEvent, type ReactNode, useState } from 'react';
import { readError } from '../../lib/trpc/errors.ts';
import { Button } from './button.tsx';
import { Dialog, DialogBody, DialogFooter } from './dialog.tsx';
import { Notice } from './notice.tsx';
import { useShowProblem } from './show-problem.ts';

interface FormDialogProps {
  trigger: (open: () => void) => ReactNode;
  title: string;
  description?: ReactNode;
  size?: 'md' | 'lg';
  /** What stands in the dialog; it is made anew each time it opens. */
  children: (close: () => void) => ReactNode;
}

/** A button and the dialog that it opens. */
export function FormDialog({ trigger, title, description, size = 'md', children }: FormDialogProps) {
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      {trigger(() => setOpen(true))}
      <Dialog isOpen={isOpen} onOpenChange={setOpen} title={title} description={description} size={size}>
        {children(close)}
      </Dialog>
    </>
  );
}

interface DialogFormProps {
  onSubmit: (form: FormData) => void;
  onClose: () => void;
  submitLabel: string;
  isBusy: boolean;
  error: unknown;
  disabled?: boolean;
  children: ReactNode;
}

/** Fields, what is wrong with them, and the two buttons. */
export function DialogForm({ onSubmit, onClose, submitLabel, isBusy, error, disabled = false, children }: DialogFormProps) {
  const form = useShowProblem(error);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit(new FormData(event.currentTarget));
  };
  return (
    <form ref={form} onSubmit={submit} className="flex min-h-0 flex-col">
      <DialogBody className="space-y-4">
        {error ? <Notice tone="danger" role="alert" title={readError(error).message} /> : null}
        {children}
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>Close</Button>
        <Button type="submit" variant="primary" isBusy={isBusy} disabled={disabled}>
          {submitLabel}
        </Button>
      </DialogFooter>
    </form>
  );
}
