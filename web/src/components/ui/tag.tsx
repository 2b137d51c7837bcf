import type { ReactNode } from 'react';

export function Tag({ children }: { children: ReactNode }) {
  return (
    <span className="inline-block max-w-40 align-middle truncate rounded-sm border border-line bg-sunken px-1.5 text-2xs leading-[1.125rem] text-ink-2">
      {children}
    </span>
  );
}
