import type { FailureStatus as Status } from '@signalbox/proto/api';
import { Lamp } from '../../components/ui/lamp.tsx';

const COLOR: Readonly<Record<Status, string>> = {
  open: 'text-danger',
  acknowledged: 'text-warn',
  muted: 'text-ink-3',
  resolved: 'text-good',
};

export function FailureStatus({ status }: { status: Status }) {
  return (
    <span className={`inline-flex items-center gap-1.5 text-sm ${COLOR[status]}`}>
      <Lamp isLit={status !== 'muted'} className={COLOR[status]} />
      {status}
    </span>
  );
}
