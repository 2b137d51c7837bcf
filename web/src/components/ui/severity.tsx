import type { Severity as Level } from '@signalbox/proto/api';
import type { ComponentProps } from 'react';
import { Select } from './field.tsx';
import { Lamp } from './lamp.tsx';

const COLOR: Readonly<Record<Level, string>> = {
  minor: 'text-ink-3',
  low: 'text-ink-2',
  moderate: 'text-warn',
  high: 'text-danger',
  critical: 'text-danger',
};
/** Mildest first. */
export const SEVERITY_LEVELS = Object.keys(COLOR) as Level[];

/** How bad it is: a lamp and the word; what is critical is bold. */
export function Severity({ level }: { level: Level }) {
  return (
    <span
      className={`inline-flex items-center gap-1.5 whitespace-nowrap text-sm ${COLOR[level]} ${level === 'critical' ? 'font-semibold' : ''}`}
    >
      <Lamp isLit={level !== 'minor'} className={COLOR[level]} />
      {level}
    </span>
  );
}

/** Chooses one of them. `wordOf` says each in words; absent: by its name. */
export function SeveritySelect({ wordOf = (level) => level, ...rest }: ComponentProps<'select'> & { wordOf?: (level: Level) => string }) {
  return (
    <Select {...rest}>
      {SEVERITY_LEVELS.map((level) => (
        <option key={level} value={level}>
          {wordOf(level)}
        </option>
      ))}
    </Select>
  );
}
