import type { IncidentStatus as Status } from '@signalbox/proto/api';
import { Lamp } from '../../components/ui/lamp.tsx';

const COLOR: Readonly<Record<Status, string>> = {
  open: 'text-danger',
  investigating: 'text-warn',
  monitoring: 'text-accent',
  resolved: 'text-good',
};

export function IncidentStatus({ status }: { status: Status }) {
  return (
    <span className={`inline-flex items-center gap-1.5 text-sm ${COLOR[status]}`}>
      <Lamp isBlinking={status === 'open'} className={COLOR[status]} />
      {status}
    </span>
  );
}
