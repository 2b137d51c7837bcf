import type { ReactNode } from 'react';

/** One thing that can be done, what it does, and its controls; lines of a panel. */
export function ActionLine({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <div className="flex flex-wrap items-end gap-x-4 gap-y-3 p-4">
      <div className="min-w-60 flex-1">
        <h3 className="text-sm font-medium">{title}</h3>
        <p className="text-sm text-ink-2">{text}</p>
      </div>
      {children}
    </div>
  );
}
