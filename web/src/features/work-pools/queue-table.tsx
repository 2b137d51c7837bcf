'use client';
import type { WorkPool, WorkQueue } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, Pencil, Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../components/ui/dialog.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { ScrollRegion } from '../../components/ui/scroll-region.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { May, useMay } from '../shell/session.tsx';

type QueueChange = { name: string; priority?: number; concurrencyLimit?: number | null; fairBy?: string | null };

function useUpsertQueue(pool: WorkPool) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (change: QueueChange) => api.workPools.upsertQueue.mutate({ pool: pool.name, ...change }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['work-pools'] }),
    onError: (error) => toast.error('Could not change the queue', { description: readError(error).message }),
  });
}

function useMoveQueue(pool: WorkPool) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (move: { name: string; to: 'up' | 'down' }) => api.workPools.moveQueue.mutate({ pool: pool.name, ...move }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['work-pools'] }),
    onError: (error) => toast.error('Could not move the queue', { description: readError(error).message }),
  });
}

function usePauseQueue(pool: WorkPool) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ name, isOpen }: { name: string; isOpen: boolean }) =>
      api.workPools[isOpen ? 'resumeQueue' : 'pauseQueue'].mutate({ pool: pool.name, name }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['work-pools'] }),
    onError: (error) => toast.error('Could not pause or resume the queue', { description: readError(error).message }),
  });
}

/** Priority lanes of a pool; 1 goes first. */
export function QueueTable({ pool }: { pool: WorkPool }) {
  const may = useMay();
  const mayChange = may('pools:write', [pool.id]);
  const move = useMoveQueue(pool);
  const pause = usePauseQueue(pool);
  const [edited, setEdited] = useState<WorkQueue | 'new' | null>(null);
  const queues = [...pool.queues].sort((one, other) => one.priority - other.priority);
  return (
    <Panel
      title="Queues"
      actions={
        <May scope="pools:write" on={[pool.id]}>
          <Button size="sm" onClick={() => setEdited('new')}>
            <Plus aria-hidden className="size-3.5" />
            Add
          </Button>
        </May>
      }
    >
      <ScrollRegion label="Queues" className="overflow-x-auto">
        <table className="w-full text-sm">
          <thead className="text-xs text-ink-3">
            <tr>
              <th scope="col" className="px-4 py-1.5 text-left font-normal">
                Queue
              </th>
              <th scope="col" className="px-2 text-right font-normal">
                Priority
              </th>
              <th scope="col" className="px-2 text-right font-normal">
                Running
              </th>
              <th scope="col" className="px-2 text-left font-normal">
                Fair by
              </th>
              <th scope="col" className="px-4 text-right font-normal">
                Open
              </th>
              <td className="w-10" />
            </tr>
          </thead>
          <tbody>
            {queues.map((queue) => (
              <tr key={queue.id} className="h-10 border-t border-line">
                <th scope="row" className="px-4 text-left font-medium">
                  {queue.name}
                </th>
                <td className="px-2 text-right">
                  <span className="inline-flex items-center gap-1">
                    {queue.priority}
                    <Button
                      variant="quiet"
                      size="icon"
                      aria-label={`Move ${queue.name} up`}
                      disabled={queue.priority === 1 || move.isPending || !mayChange}
                      onClick={() => move.mutate({ name: queue.name, to: 'up' })}
                    >
                      <ArrowUp aria-hidden className="size-3.5" />
                    </Button>
                    <Button
                      variant="quiet"
                      size="icon"
                      aria-label={`Move ${queue.name} down`}
                      disabled={queue.priority === queues.length || move.isPending || !mayChange}
                      onClick={() => move.mutate({ name: queue.name, to: 'down' })}
                    >
                      <ArrowDown aria-hidden className="size-3.5" />
                    </Button>
                  </span>
                </td>
                <td className="px-2 text-right">
                  {queue.slotsHeld}
                  {queue.concurrencyLimit === null ? <span className="text-ink-3">, no limit</span> : ` of ${queue.concurrencyLimit}`}
                </td>
                <td className="max-w-40 truncate px-2">
                  {queue.fairBy ? <code className="text-xs">{queue.fairBy}</code> : <span className="text-ink-3">due instant</span>}
                </td>
                <td className="px-4">
                  <span className="flex justify-end">
                    <Switch
                      isOn={!queue.paused}
                      label={`Queue ${queue.name} is open`}
                      disabled={pause.isPending || !may('pools:operate', [pool.id])}
                      onChange={(isOpen) => pause.mutate({ name: queue.name, isOpen })}
                    />
                  </span>
                </td>
                <td className="pr-2">
                  {mayChange && (
                    <Button variant="quiet" size="icon" aria-label={`Edit ${queue.name}`} onClick={() => setEdited(queue)}>
                      <Pencil aria-hidden className="size-3.5" />
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {edited && <QueueDialog pool={pool} queue={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </Panel>
  );
}

function QueueDialog({ pool, queue, onClose }: { pool: WorkPool; queue: WorkQueue | null; onClose: () => void }) {
  const upsert = useUpsertQueue(pool);
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const limit = String(form.get('limit') ?? '').trim();
    upsert.mutate(
      {
        name: queue?.name ?? String(form.get('name')).trim(),
        priority: Number(form.get('priority')),
        concurrencyLimit: limit === '' ? null : Number(limit),
        fairBy: String(form.get('fairBy') ?? '').trim() || null,
      },
      { onSuccess: onClose },
    );
  };
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={queue ? `Queue ${queue.name}` : 'New queue'}
      description="Runs of a lower priority number are taken first."
    >
      <form onSubmit={onSubmit} className="flex min-h-0 flex-col">
        <DialogBody className="space-y-4">
          {!queue && (
            <Field label="Name" isRequired>
              {(control) => (
                <Input
                  {...control}
                  name="name"
                  required
                  maxLength={63}
                  pattern="[a-z0-9]+(-[a-z0-9]+)*"
                  title="Lower-case letters, digits and single hyphens"
                  autoComplete="off"
                />
              )}
            </Field>
          )}
          <Field label="Priority" hint="1 goes first; the others make room." isRequired>
            {(control) => (
              <Input
                {...control}
                name="priority"
                type="number"
                min={1}
                max={1_000}
                required
                defaultValue={queue?.priority ?? pool.queues.length + 1}
              />
            )}
          </Field>
          <Field label="Runs at once" hint="Empty: no limit of its own.">
            {(control) => (
              <Input {...control} name="limit" type="number" min={1} max={100_000} defaultValue={queue?.concurrencyLimit ?? ''} />
            )}
          </Field>
          <Field label="Fair by" hint="Keys take turns, for example {{ parameters.customer }}. Empty: by due instant alone.">
            {(control) => (
              <Input
                {...control}
                name="fairBy"
                maxLength={200}
                placeholder="{{ parameters.customer }}"
                defaultValue={queue?.fairBy ?? ''}
              />
            )}
          </Field>
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" variant="primary" isBusy={upsert.isPending}>
            {queue ? 'Save' : 'Create'}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
