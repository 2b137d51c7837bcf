'use client';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { CodeBlock } from './code-block.tsx';
import { DialogBody, DialogFooter } from './dialog.tsx';
import { Notice } from './notice.tsx';

/** A secret just made: shown once, to be copied. */
export function SecretShown({
  title,
  about,
  label,
  secret,
  children,
  onDone,
}: {
  title: string;
  about: string;
  label: string;
  secret: string;
  children?: ReactNode;
  onDone: () => void;
}) {
  return (
    <>
      <DialogBody className="space-y-3">
        <Notice tone="warn" title={title}>
          {about}
        </Notice>
        <CodeBlock label={label} text={secret} />
        {children && <div className="text-sm text-ink-2">{children}</div>}
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" onClick={onDone}>
          I have copied it
        </Button>
      </DialogFooter>
    </>
  );
}
