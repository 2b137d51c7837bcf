'use client';
import type { LucideIcon } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { cn } from '../../lib/class-names.ts';

export interface Station {
  readonly href: string;
  readonly label: string;
  readonly icon: LucideIcon;
}

/** Places along a track; the lamp is lit where you are. */
export function TrackNav({ stations, onGo }: { stations: readonly Station[]; onGo?: () => void }) {
  const pathname = usePathname();
  return (
    <ul className="relative before:absolute before:inset-y-4 before:left-[15px] before:w-px before:bg-line-strong">
      {stations.map(({ href, label, icon: Icon }) => {
        const isHere = pathname === href || pathname.startsWith(`${href}/`);
        return (
          <li key={href}>
            <Link
              href={href}
              onClick={onGo}
              aria-current={isHere ? 'page' : undefined}
              className={cn(
                'group relative flex h-8 items-center gap-3 rounded-md pl-3 pr-2 text-sm transition-colors',
                isHere ? 'bg-hover font-medium text-ink' : 'text-ink-2 hover:bg-hover hover:text-ink',
              )}
            >
              <span
                aria-hidden
                className={cn(
                  'size-[7px] shrink-0 rounded-full transition-shadow',
                  isHere
                    ? 'bg-good shadow-[0_0_0_3px_color-mix(in_oklch,var(--state-completed)_22%,transparent)]'
                    : 'bg-bg shadow-[inset_0_0_0_1.5px_var(--line-strong)]',
                )}
              />
              <Icon aria-hidden className="size-4 shrink-0 opacity-75" strokeWidth={1.75} />
              {label}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
