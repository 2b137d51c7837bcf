'use client';
import { type ReactNode, useState } from 'react';
import { ActionLine } from './action-line.tsx';
import { ConfirmButton } from './confirm-button.tsx';
import { DEFAULT_GRACE_DAYS, GraceSelect } from './grace-select.tsx';

interface Props {
  /** What kind of place: "workspace". */
  noun: string;
  name: string;
  /** Typed to confirm. */
  slug: string;
  text: string;
  isBusy: boolean;
  onConfirm: (graceDays: number, close: () => void) => void;
  /** What comes of it, after so many days. */
  children: (graceDays: number) => ReactNode;
}

/** The line that deletes a place after a grace period, once its slug is typed. */
export function GraceDelete({ noun, name, slug, text, isBusy, onConfirm, children }: Props) {
  const [days, setDays] = useState(DEFAULT_GRACE_DAYS);
  return (
    <ActionLine title="Delete" text={text}>
      <GraceSelect days={days} onChange={setDays} />
      <ConfirmButton
        variant="danger"
        size="md"
        label="Delete"
        ariaLabel={`Delete the ${noun}`}
        question={`Delete ${name}?`}
        confirmLabel={`Delete the ${noun}`}
        typeToConfirm={slug}
        isBusy={isBusy}
        onConfirm={(close) => onConfirm(days, close)}
      >
        {children(days)}
      </ConfirmButton>
    </ActionLine>
  );
}
