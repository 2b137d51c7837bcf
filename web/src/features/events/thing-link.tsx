import Link from 'next/link';
import { cn } from '../../lib/class-names.ts';
import { thingHref, thingName } from './event-look.ts';

/** What an event is about, or what had to do with it, as a link where it has a page. */
export function ThingLink({ labels, className }: { labels: Readonly<Record<string, string>>; className?: string }) {
  const href = thingHref(labels);
  const text = thingName(labels);
  if (!href) return <span className={cn('truncate', className)}>{text}</span>;
  return (
    <Link href={href} className={cn('truncate underline decoration-line-strong underline-offset-2 hover:decoration-ink', className)}>
      {text}
    </Link>
  );
}
