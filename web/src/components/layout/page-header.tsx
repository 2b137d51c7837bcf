import type { ReactNode } from 'react';

interface PageHeaderProps {
  title: ReactNode;
  description?: ReactNode;
  /** Buttons of the page, at its right end. */
  children?: ReactNode;
}

export function PageHeader({ title, description, children }: PageHeaderProps) {
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 pb-3 pt-4 sm:px-6">
      <div className="min-w-[min(100%,12rem)] flex-1">
        <h1 className="text-lg font-semibold tracking-[-0.01em] [overflow-wrap:anywhere]">{title}</h1>
        {description && <div className="text-sm text-ink-2">{description}</div>}
      </div>
      {children && <div className="flex flex-wrap items-center gap-2">{children}</div>}
    </header>
  );
}

/** The body of a page that scrolls as a whole. */
export function PageBody({ children }: { children: ReactNode }) {
  return <div className="space-y-4 px-4 pb-10 sm:px-6">{children}</div>;
}
