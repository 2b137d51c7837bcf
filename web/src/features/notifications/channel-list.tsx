'use client';
import type { Channel } from '@signalbox/proto/api';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { FormDialog } from '../../components/ui/form-dialog.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { May, useMay } from '../shell/session.tsx';
import { ChannelForm } from './channel-form.tsx';
import { CHANNEL_WORDS } from './channel-words.ts';

const STALE = [['notifications']];

export function ChannelList({ channels }: { channels: readonly Channel[] }) {
  return (
    <ul className="divide-y divide-line">
      {channels.map((channel) => (
        <ChannelRow key={channel.id} channel={channel} />
      ))}
    </ul>
  );
}

function ChannelRow({ channel }: { channel: Channel }) {
  const mayWrite = useMay()('notifications:write');
  const { id, name, kind, target, isEnabled, leastSeverity, digestSeconds, quietHours } = channel;
  const toggle = useWrite((on: boolean) => api.notifications.update.mutate({ channel: id, isEnabled: on }), { stale: STALE });
  const test = useWrite(() => api.notifications.test.mutate({ channel: id }), {
    done: 'A test is on its way: the log says what became of it',
    stale: STALE,
  });
  const [isGone, setGone] = useState(false);
  const remove = useWrite(() => api.notifications.delete.mutate({ channel: id }), { done: `${name} is deleted`, stale: STALE });
  if (isGone) return null;
  const rules = [
    leastSeverity === 'minor' ? null : `${leastSeverity} and worse`,
    digestSeconds > 0 ? `gathered for ${digestSeconds / 60} min` : null,
    quietHours ? `quiet ${quietHours.from} to ${quietHours.to}` : null,
  ].filter(Boolean);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <Switch isOn={isEnabled} onChange={(on) => toggle.mutate(on)} label={`${name} is on`} disabled={!mayWrite || toggle.isPending} />
      <div className="min-w-0 flex-1">
        <p className="truncate text-sm font-medium">
          {name} <span className="font-normal text-ink-3">{CHANNEL_WORDS[kind].name}</span>
        </p>
        <p className="truncate text-xs text-ink-3">{[target, ...rules].join(' · ')}</p>
      </div>
      <span className={`text-sm ${channel.last?.status === 'failed' ? 'text-danger' : 'text-ink-3'}`}>
        {channel.last ? (
          <>
            {channel.last.status} <RelativeTime at={channel.last.at} />
          </>
        ) : (
          'never used'
        )}
      </span>
      <May scope="notifications:write">
        <span className="flex gap-1">
          <Button
            size="sm"
            isBusy={test.isPending}
            disabled={!isEnabled}
            aria-label={`Send a test to ${name}`}
            onClick={() => test.mutate(undefined)}
          >
            Send a test
          </Button>
          <FormDialog
            title={`Change ${name}`}
            trigger={(open) => (
              <Button size="sm" variant="quiet" aria-label={`Change ${name}`} onClick={open}>
                Change
              </Button>
            )}
          >
            {(close) => <ChannelForm channel={channel} onClose={close} />}
          </FormDialog>
          <ConfirmButton
            label="Delete"
            ariaLabel={`Delete ${name}`}
            question={`Delete ${name}?`}
            confirmLabel="Delete the channel"
            isBusy={remove.isPending}
            onConfirm={(close) => remove.mutate(undefined, { onSuccess: () => setGone(true), onSettled: close })}
          >
            Nobody is told by it any more, and its log goes with it. Automations that name it fail and say so.
          </ConfirmButton>
        </span>
      </May>
    </li>
  );
}
