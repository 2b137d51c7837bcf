'use client';
import type { Webhook, WebhookRequest } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SecretShown } from '../../components/ui/secret-shown.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { formatBytes } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { May, useMay } from '../shell/session.tsx';
import { webhookQueries } from './queries.ts';
import { PRESETS, WebhookForm } from './webhook-form.tsx';

const STALE = [['webhooks']];

export function WebhookList({ webhooks }: { webhooks: readonly Webhook[] }) {
  return (
    <ul className="divide-y divide-line">
      {webhooks.map((webhook) => (
        <WebhookRow key={webhook.id} webhook={webhook} />
      ))}
    </ul>
  );
}

function WebhookRow({ webhook }: { webhook: Webhook }) {
  const { id, name, preset, isEnabled, scheme, prefix, template, lastAt, oldUntil } = webhook;
  const mayWrite = useMay()('webhooks:write');
  const [isOpen, setOpen] = useState(false);
  const [isEditing, setEditing] = useState(false);
  const [url, setUrl] = useState<string | null>(null);
  const toggle = useWrite((on: boolean) => api.webhooks.update.mutate({ webhook: id, isEnabled: on }), { stale: STALE });
  const rotate = useWrite(() => api.webhooks.rotate.mutate({ webhook: id }), { stale: STALE });
  const remove = useWrite(() => api.webhooks.delete.mutate({ webhook: id }), { done: `${name} is deleted`, stale: STALE });
  return (
    <li>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
        <Switch isOn={isEnabled} onChange={(on) => toggle.mutate(on)} label={`${name} is on`} disabled={!mayWrite || toggle.isPending} />
        <div className="min-w-48 flex-1">
          <p className="truncate text-sm font-medium">
            {name} <span className="font-normal text-ink-3">{PRESETS[preset].name}</span>
          </p>
          <p className="truncate text-xs text-ink-3">
            <code>{prefix}…</code>
            {scheme === 'none' ? ' · no signature is asked for' : ` · signed: ${scheme}`}
            {template ? ' · template' : ''}
            {oldUntil && (
              <>
                {' · old address ends '}
                <RelativeTime at={oldUntil} />
              </>
            )}
          </p>
        </div>
        <span className="text-sm text-ink-3">{lastAt ? <RelativeTime at={lastAt} /> : 'nothing came yet'}</span>
        <span className="flex gap-1">
          <Button size="sm" aria-expanded={isOpen} aria-label={`Log of ${name}`} onClick={() => setOpen(!isOpen)}>
            Log
          </Button>
          <May scope="webhooks:write">
            <Button size="sm" variant="quiet" aria-label={`Change ${name}`} onClick={() => setEditing(true)}>
              Change
            </Button>
            <ConfirmButton
              label="Rotate"
              ariaLabel={`Rotate ${name}`}
              question={`Make a new address for ${name}?`}
              confirmLabel="Make a new one"
              isBusy={rotate.isPending}
              onConfirm={(close) => rotate.mutate(undefined, { onSuccess: (made) => setUrl(made.url), onSettled: close })}
            >
              The old one is taken for 24 hours more.
            </ConfirmButton>
            <ConfirmButton
              label="Delete"
              ariaLabel={`Delete ${name}`}
              question={`Delete ${name}?`}
              confirmLabel="Delete the webhook"
              isBusy={remove.isPending}
              onConfirm={(close) => remove.mutate(undefined, { onSettled: close })}
            >
              Its address answers that there is nothing, at once.
            </ConfirmButton>
          </May>
        </span>
      </div>
      {isOpen && <Requests webhook={id} />}
      <Dialog isOpen={isEditing} onOpenChange={setEditing} title={`Change ${name}`}>
        {isEditing && <WebhookForm webhook={webhook} onClose={() => setEditing(false)} />}
      </Dialog>
      <Dialog isOpen={url !== null} onOpenChange={() => setUrl(null)} title={`Address of ${name}`}>
        {url && (
          <SecretShown
            title="Copy it now"
            about="This is the only time the address is shown."
            label="Address"
            secret={url}
            onDone={() => setUrl(null)}
          />
        )}
      </Dialog>
    </li>
  );
}

const COLOR: Readonly<Record<WebhookRequest['outcome'], string>> = {
  accepted: 'text-good',
  repeated: 'text-ink-3',
  handshake: 'text-ink-2',
  refused: 'text-danger',
};

function Requests({ webhook }: { webhook: Webhook['id'] }) {
  const requests = useQuery({ ...webhookQueries(api).requests(webhook), refetchInterval: 3_000 });
  if (requests.isPending) return <SkeletonRows count={2} />;
  if (requests.isLoadingError) return <ErrorState error={requests.error} onRetry={() => void requests.refetch()} />;
  if (requests.data.items.length === 0) return <p className="px-4 pb-4 text-sm text-ink-3">Nothing came in the last seven days.</p>;
  return (
    <ul aria-label="What came in" className="mx-4 mb-3 divide-y divide-line rounded-md bg-sunken px-3 text-xs">
      {requests.data.items.map(({ id, at, method, bytes, outcome, reason, events }) => (
        <li key={id} className="flex flex-wrap items-baseline gap-x-3 py-1.5">
          <span className={`w-20 ${COLOR[outcome]}`}>{outcome}</span>
          <span className="w-14 font-mono">{method}</span>
          <span className="w-16 text-ink-3">{formatBytes(bytes)}</span>
          <span className="min-w-0 flex-1 break-words max-lg:order-last max-lg:basis-full">
            {reason}
            <EventLinks events={events} at={at} />
          </span>
          <RelativeTime at={at} className="text-ink-3 max-lg:ml-auto" />
        </li>
      ))}
    </ul>
  );
}

/** Those of one request that are named one by one. */
const LINKED = 10;

/** The events that a request became. */
function EventLinks({ events, at }: { events: readonly string[]; at: string }) {
  const link = (id: string, text: string, label?: string) => (
    <Link
      key={id}
      href={paths.eventOfId(id, at)}
      aria-label={label}
      // Each is looked for in the feed: not before somebody wants it.
      prefetch={false}
      className="inline-block min-w-6 py-1 underline decoration-line-strong underline-offset-2 hover:decoration-ink"
    >
      {text}
    </Link>
  );
  const [only] = events;
  if (only === undefined) return null;
  if (events.length === 1) return link(only, 'its event');
  return (
    <span className="flex flex-wrap items-baseline gap-x-1">
      {events.length} events:
      {events.slice(0, LINKED).map((id, n) => link(id, String(n + 1), `Event ${n + 1} of ${events.length}`))}
      {events.length > LINKED && '…'}
    </span>
  );
}
