'use client';
import type { ScopeInfo } from '@signalbox/proto/api';

interface ScopePickerProps {
  scopes: readonly ScopeInfo[];
  chosen: ReadonlySet<string>;
  /** Had already, by the role that it is made on. */
  fixed: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}

/** The permission table with a box a line, one group for each noun. */
export function ScopePicker({ scopes, chosen, fixed, onChange }: ScopePickerProps) {
  const groups = Map.groupBy(scopes, ({ scope, least }) => (least ? 'The organization' : noun(scope)));
  const toggle = (scope: string) => {
    const next = new Set(chosen);
    if (!next.delete(scope)) next.add(scope);
    onChange(next);
  };
  return (
    <div className="max-h-72 space-y-3 overflow-y-auto rounded-md border border-line bg-surface p-3">
      {[...groups].map(([name, lines]) => (
        <fieldset key={name}>
          <legend className="mb-1 text-xs font-medium text-ink-3">{name}</legend>
          {lines.map(({ scope, what }) => (
            <label key={scope} className="flex items-start gap-2.5 rounded-sm px-1 py-1 text-sm hover:bg-hover">
              <input
                type="checkbox"
                className="mt-1 accent-accent"
                checked={fixed.has(scope) || chosen.has(scope)}
                disabled={fixed.has(scope)}
                onChange={() => toggle(scope)}
              />
              <span className="min-w-0">
                {what} <code className="text-xs text-ink-3">{scope}</code>
              </span>
            </label>
          ))}
        </fieldset>
      ))}
    </div>
  );
}

function noun(scope: string): string {
  const word = (scope.split(':')[0] ?? scope).replace('-', ' ').replace(/^api /, 'API ');
  return word.charAt(0).toUpperCase() + word.slice(1);
}
