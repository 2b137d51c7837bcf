'use client';
import type { FailureGroupDetail } from '@signalbox/proto/api';
import { ChevronDown, RotateCcw } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { DialogForm, FormDialog } from '../../components/ui/form-dialog.tsx';
import { Menu, MenuItem } from '../../components/ui/menu.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { May } from '../shell/session.tsx';

const STALE = [['failures']];
const HOUR_MS = 3_600_000;
const MUTES = [
  ['an hour', 1],
  ['a day', 24],
  ['a week', 168],
] as const;

/** What people do with a group: acknowledge, assign, mute, resolve, retry. */
export function FailureActions({ group }: { group: FailureGroupDetail }) {
  const { id, status, owner } = group;
  const act = useWrite((change: () => Promise<unknown>) => change(), { stale: STALE });
  const run = (change: () => Promise<unknown>) => act.mutate(change);
  const { failures } = api;
  return (
    <>
      <May scope="failures:triage">
        <FormDialog
          title="Who looks after it"
          trigger={(open) => (
            <Button variant="quiet" onClick={open}>
              {owner ? `Owner: ${owner}` : 'Assign'}
            </Button>
          )}
        >
          {(close) => <OwnerForm group={group} onClose={close} />}
        </FormDialog>
        {status === 'muted' ? (
          <Button isBusy={act.isPending} onClick={() => run(() => failures.mute.mutate({ group: id, until: null }))}>
            Unmute
          </Button>
        ) : (
          status !== 'resolved' && (
            <Menu
              align="end"
              trigger={
                <Button>
                  Mute
                  <ChevronDown aria-hidden className="size-3.5" />
                </Button>
              }
            >
              {MUTES.map(([name, hours]) => (
                <MenuItem
                  key={name}
                  onSelect={() =>
                    run(() => failures.mute.mutate({ group: id, until: new Date(Date.now() + hours * HOUR_MS).toISOString() }))
                  }
                >
                  for {name}
                </MenuItem>
              ))}
            </Menu>
          )
        )}
        {status === 'open' && (
          <Button isBusy={act.isPending} onClick={() => run(() => failures.acknowledge.mutate({ group: id }))}>
            Acknowledge
          </Button>
        )}
        {status === 'resolved' ? (
          <Button isBusy={act.isPending} onClick={() => run(() => failures.reopen.mutate({ group: id }))}>
            Reopen
          </Button>
        ) : (
          <Menu
            align="end"
            trigger={
              <Button variant="primary">
                Resolve
                <ChevronDown aria-hidden className="size-3.5" />
              </Button>
            }
          >
            <MenuItem onSelect={() => run(() => failures.resolve.mutate({ group: id, by: 'next-version' }))}>in the next version</MenuItem>
            <MenuItem onSelect={() => run(() => failures.resolve.mutate({ group: id, by: 'now' }))}>as of now</MenuItem>
          </Menu>
        )}
      </May>
      <May scope="runs:retry">
        <RetryGroup group={group} />
      </May>
    </>
  );
}

function RetryGroup({ group: { id } }: { group: FailureGroupDetail }) {
  const router = useRouter();
  const retry = useWrite(() => api.failures.retry.mutate({ group: id }), {
    done: ({ expected }) => `Retrying ${expected.count} runs`,
    stale: STALE,
  });
  return (
    <ConfirmButton
      variant="secondary"
      size="md"
      label="Retry all"
      question="Retry all runs of this group?"
      confirmLabel="Retry them"
      isBusy={retry.isPending}
      onConfirm={(close) => retry.mutate(undefined, { onSuccess: () => router.push(paths.jobs), onSettled: close })}
    >
      <span className="flex items-start gap-2">
        <RotateCcw aria-hidden className="mt-0.5 size-4 shrink-0" />
        Those that are failed or crashed still run again, keeping what finished. A job does it, which can be paused and stopped.
      </span>
    </ConfirmButton>
  );
}

function OwnerForm({ group: { id, owner }, onClose }: { group: FailureGroupDetail; onClose: () => void }) {
  const assign = useWrite((name: string) => api.failures.assign.mutate({ group: id, owner: name || null }), {
    stale: STALE,
    isErrorToasted: false,
  });
  return (
    <DialogForm
      submitLabel="Save"
      isBusy={assign.isPending}
      error={assign.error}
      onClose={onClose}
      onSubmit={(form) => assign.mutate(String(form.get('owner')).trim(), { onSuccess: onClose })}
    >
      <Field label="Owner" hint="A person or a team. Empty: nobody.">
        {(control) => <Input {...control} name="owner" defaultValue={owner ?? ''} maxLength={200} autoComplete="off" />}
      </Field>
    </DialogForm>
  );
}
