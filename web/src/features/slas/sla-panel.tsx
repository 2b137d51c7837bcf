'use client';
import type { Sla, SlaKind, SlaViolation } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { FormDialog } from '../../components/ui/form-dialog.tsx';
import { Lamp } from '../../components/ui/lamp.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Severity } from '../../components/ui/severity.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { formatSpan } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { May, useMay } from '../shell/session.tsx';
import { type SlaSubject, slaQueries } from './queries.ts';
import { SlaForm } from './sla-form.tsx';

const LOOK_EVERY_MS = 5_000;
const PROMISES: Readonly<Record<SlaKind, string>> = {
  completion: 'a run ends within',
  lateness: 'a run starts at most late by',
  frequency: 'a run completes at least every',
  freshness: 'it is made at least every',
};

/** What is promised of a deployment or an asset, and when it was not kept. */
export function SlaPanel({ about }: { about: SlaSubject }) {
  const slas = useQuery({ ...slaQueries(api).of(about), refetchInterval: LOOK_EVERY_MS });
  const violations = useQuery({ ...slaQueries(api).violations(about), refetchInterval: LOOK_EVERY_MS });
  return (
    <Panel
      title="Service levels"
      actions={
        <May scope="deployments:operate" on={objectsOf(about)}>
          <FormDialog
            title="New service level"
            description="When it is not kept, an event says so, and automations can act."
            trigger={(open) => (
              <Button size="sm" onClick={open}>
                Promise
              </Button>
            )}
          >
            {(close) => <SlaForm about={about} onClose={close} />}
          </FormDialog>
        </May>
      }
    >
      {slas.isPending ? (
        <SkeletonRows count={2} />
      ) : slas.isLoadingError ? (
        <ErrorState error={slas.error} onRetry={() => void slas.refetch()} />
      ) : slas.data.length === 0 ? (
        <p className="px-4 py-5 text-sm text-ink-3">Nothing is promised of it.</p>
      ) : (
        <ul className="divide-y divide-line">
          {slas.data.map((sla) => (
            <SlaRow key={sla.id} sla={sla} about={about} />
          ))}
        </ul>
      )}
      {violations.data && violations.data.items.length > 0 && (
        <ul aria-label="Latest violations" className="border-t border-line px-4 py-2">
          {violations.data.items.map((violation) => (
            <ViolationRow key={violation.id} violation={violation} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** Things of which access is enough to promise something. */
const objectsOf = (about: SlaSubject) => ('deployment' in about ? [about.deployment] : []);

function SlaRow({ sla, about }: { sla: Sla; about: SlaSubject }) {
  const { id, name, kind, seconds, severity, isEnabled, unmet, origin } = sla;
  const color = unmet > 0 ? 'text-danger' : isEnabled ? 'text-good' : 'text-ink-3';
  const mayChange = useMay()('deployments:operate', objectsOf(about));
  const toggle = useWrite((on: boolean) => api.slas.update.mutate({ sla: id, isEnabled: on }), { stale: [['slas']] });
  const remove = useWrite(() => api.slas.delete.mutate({ sla: id }), { done: `${name} is promised no more`, stale: [['slas']] });
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
      <Switch
        isOn={isEnabled}
        onChange={(on) => toggle.mutate(on)}
        label={`${name} is promised`}
        disabled={!mayChange || toggle.isPending}
      />
      <div className="min-w-40 flex-1">
        <p className="truncate text-sm font-medium">{name}</p>
        <p className="text-xs text-ink-3">
          {PROMISES[kind]} {formatSpan(seconds * 1_000)}
          {origin === 'code' && ' · declared in code'}
        </p>
      </div>
      <div className="ml-auto flex flex-wrap items-center gap-x-3">
        <Severity level={severity} />
        <span className={`inline-flex items-center gap-1.5 text-sm ${color}`}>
          <Lamp isLit={isEnabled} className={color} />
          {unmet > 0 ? 'not kept' : isEnabled ? 'kept' : 'off'}
        </span>
        {mayChange && origin === 'operator' && (
          <ConfirmButton
            label="Delete"
            ariaLabel={`Delete ${name}`}
            question={`Delete ${name}?`}
            confirmLabel="Delete it"
            isBusy={remove.isPending}
            onConfirm={(close) => remove.mutate(undefined, { onSettled: close })}
          >
            Its violations are forgotten with it.
          </ConfirmButton>
        )}
      </div>
    </li>
  );
}

function ViolationRow({ violation: { sla, run, at, metAt } }: { violation: SlaViolation }) {
  return (
    <li className="flex items-baseline gap-2 py-1 text-xs text-ink-2">
      <span className={metAt ? 'text-ink-3' : 'text-danger'}>{metAt ? 'over' : 'not kept'}</span>
      <span className="min-w-0 flex-1 truncate">
        {sla.name}
        {run && (
          <>
            {': '}
            <Link href={paths.run(run.id)} className="text-accent hover:underline">
              {run.name}
            </Link>
          </>
        )}
      </span>
      <RelativeTime at={at} className="text-ink-3" />
    </li>
  );
}
