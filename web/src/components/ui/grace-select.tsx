'use client';
import { plural } from '../../lib/format.ts';
import { Field, Select } from './field.tsx';

const GRACES = [1, 3, 7, 14, 30];
export const DEFAULT_GRACE_DAYS = 7;

/** In how many days something that is deleted is gone for good. */
export function GraceSelect({ days, onChange }: { days: number; onChange: (days: number) => void }) {
  return (
    <div className="w-40">
      <Field label="Grace period" isLabelHidden>
        {(control) => (
          <Select {...control} value={days} onChange={(event) => onChange(Number(event.target.value))}>
            {GRACES.map((each) => (
              <option key={each} value={each}>
                in {plural(each, 'day')}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </div>
  );
}
