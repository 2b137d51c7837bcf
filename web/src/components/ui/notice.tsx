import type { ReactNode } from 'react';
import { cn } from '../../lib/class-names.ts';

interface NoticeProps {
  tone: 'danger' | 'warn' | 'info';
  title: string;
  children?: ReactNode;
  role?: 'alert' | 'status';
}

const TONE = { danger: 'border-l-danger', warn: 'border-l-warn', info: 'border-l-accent' };

/** Something the reader should know before the rest of the page. */
export function Notice({ tone, title, children, role }: NoticeProps) {
  return (
    <div role={role} className={cn('rounded-md border border-l-[3px] border-line bg-surface px-4 py-3', TONE[tone])}>
      <p className="text-sm font-semibold">{title}</p>
      {children && <div className="mt-1 text-sm text-ink-2">{children}</div>}
    </div>
  );
}
