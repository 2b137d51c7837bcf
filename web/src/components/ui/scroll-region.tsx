import type { ReactNode } from 'react';

/** A part of the page that scrolls by itself, and so must be reachable by keyboard. */
export function ScrollRegion({ label, className, children }: { label: string; className: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, nobody could scroll here by keys.
    <section tabIndex={0} aria-label={label} className={className}>
      {children}
    </section>
  );
}
