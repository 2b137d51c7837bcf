'use client';
import { useState } from 'react';
import { Field, Textarea } from '../../components/ui/field.tsx';

interface JsonFieldProps {
  label: string;
  hint?: string | undefined;
  error: string | null;
  value: unknown;
  /** Undefined: it is empty. Told when what is typed can be read. */
  onChange: (value: unknown) => void;
}

/** A value as JSON. */
export function JsonField({ label, hint, error, value, onChange }: JsonFieldProps) {
  const [text, setText] = useState(() => (value === undefined ? '' : JSON.stringify(value, null, 2)));
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <Field label={label} hint={hint} error={problem ?? error}>
      {(control) => (
        <Textarea
          {...control}
          // What cannot be read is not saved as what it was before.
          ref={(field) => field?.setCustomValidity(problem ?? '')}
          spellCheck={false}
          className="min-h-16 font-mono text-xs"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            try {
              onChange(event.target.value.trim() === '' ? undefined : JSON.parse(event.target.value));
              setProblem(null);
            } catch (reason) {
              setProblem(`Expected JSON: ${reason instanceof Error ? reason.message : reason}`);
            }
          }}
        />
      )}
    </Field>
  );
}
