import type { ReactNode } from 'react';

/** A quiet stretch of track with its signal at rest, and what to do next. */
export function EmptyState({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-xl flex-col items-center px-6 py-14 text-center">
      <svg aria-hidden viewBox="0 0 240 56" className="mb-5 w-60 text-line-strong" fill="none" stroke="currentColor">
        <path d="M0 48h240M0 42h240" strokeWidth="1.5" />
        <path d={Array.from({ length: 20 }, (_, index) => `M${6 + index * 12} 39v12`).join('')} strokeWidth="1" opacity="0.7" />
        <path d="M120 42V26" strokeWidth="2" />
        <rect x="112" y="3" width="16" height="25" rx="8" fill="var(--surface)" strokeWidth="1.5" />
        <circle cx="120" cy="10.5" r="3.25" />
        <circle cx="120" cy="20.5" r="3.25" className="text-good" fill="currentColor" stroke="none" />
      </svg>
      <h2 className="text-[0.9375rem] font-semibold">{title}</h2>
      <div className="mt-1.5 w-full space-y-3 text-sm text-ink-2">{children}</div>
    </div>
  );
}
