'use client';
import type { LabelMatch } from '@signalbox/proto/api';
import { useState } from 'react';
import { Field, Textarea } from '../../components/ui/field.tsx';
import { matchOf, matchText } from './draft.ts';

interface LabelsFieldProps {
  label: string;
  hint: string;
  error: string | null;
  value: LabelMatch | undefined;
  onChange: (value: LabelMatch) => void;
}

/** A line for each label. What is typed stays as it is typed; what it says is told at once. */
export function LabelsField({ label, hint, error, value, onChange }: LabelsFieldProps) {
  const [text, setText] = useState(() => matchText(value));
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <Textarea
          {...control}
          spellCheck={false}
          className="min-h-14 font-mono text-xs"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            onChange(matchOf(event.target.value));
          }}
        />
      )}
    </Field>
  );
}
