import { Notice } from '../../components/ui/notice.tsx';

/** The dispatcher's own reasons, one sentence each. */
export function WaitingFor({ reasons, isLate }: { reasons: readonly string[]; isLate: boolean }) {
  if (reasons.length === 0) return null;
  return (
    <Notice tone={isLate ? 'warn' : 'info'} title="Why is it not running?">
      <ul className="space-y-1">
        {reasons.map((reason) => (
          <li key={reason} className="flex gap-2 [overflow-wrap:anywhere]">
            <span aria-hidden className="lamp mt-[7px] !size-1.5 text-late" />
            {reason}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
