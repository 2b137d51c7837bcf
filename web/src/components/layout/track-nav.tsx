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

/** Stations that belong together. */
export interface Line {
  readonly label: string;
  readonly stations: readonly Station[];
}

/** Places along tracks; the lamp is lit where you are. */
export function TrackNav({ lines, onGo }: { lines: readonly Line[]; onGo?: () => void }) {
  const pathname = usePathname();
  return (
    <div className="space-y-2.5 pb-3">
      {lines.map(({ label, stations }) => (
        <section key={label} aria-label={label}>
          <h2 className="pb-0.5 pl-3 text-2xs font-medium text-ink-3">{label}</h2>
          <ul className="relative before:absolute before:inset-y-3.5 before:left-[15px] before:w-px before:bg-line-strong">
            {stations.map((station) => (
              <Stop
                key={station.href}
                station={station}
                isHere={pathname === station.href || pathname.startsWith(`${station.href}/`)}
                onGo={onGo}
              />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Stop({
  station: { href, label, icon: Icon },
  isHere,
  onGo,
}: {
  station: Station;
  isHere: boolean;
  onGo: (() => void) | undefined;
}) {
  return (
    <li>
      <Link
        href={href}
        onClick={onGo}
        aria-current={isHere ? 'page' : undefined}
        className={cn(
          'group relative flex h-7 items-center gap-3 rounded-md pl-3 pr-2 text-sm transition-colors',
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
}
