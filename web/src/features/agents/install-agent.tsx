'use client';
import type { Agent } from '@signalbox/proto/api';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../components/ui/dialog.tsx';
import { Field, Select } from '../../components/ui/field.tsx';
import { Lamp } from '../../components/ui/lamp.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { useLive } from '../../lib/live/live.tsx';
import { useNow } from '../../lib/now.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { useMay } from '../shell/session.tsx';
import { agentQueries } from './queries.ts';

const LIFETIMES = [
  { minutes: 60, label: 'one hour' },
  { minutes: 24 * 60, label: 'one day' },
  { minutes: 7 * 24 * 60, label: 'seven days' },
];

/** A button, and the dialog that mints a join code, shows the exact command and waits for the agent. */
export function InstallAgentButton({ pool, variant = 'secondary' }: { pool: string; variant?: 'primary' | 'secondary' }) {
  const may = useMay();
  const [isOpen, setOpen] = useState(false);
  if (!may('agents:enroll', 'any')) return null;
  return (
    <>
      <Button variant={variant} onClick={() => setOpen(true)}>
        Install an agent
      </Button>
      <Dialog
        size="lg"
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={`Install an agent for ${pool}`}
        description="It runs in your own network and connects outwards only: no port is opened, and its key never leaves its machine."
      >
        <Install pool={pool} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function Install({ pool, onClose }: { pool: string; onClose: () => void }) {
  const [minutes, setMinutes] = useState(60);
  const agents = useQuery({ ...agentQueries(api).list(pool), refetchInterval: 5_000 });
  const mint = useMutation({
    mutationFn: async () => {
      // Who was there before, asked just before the code exists: whoever is new afterwards has used it.
      const before = await api.agents.list.query({ pool, limit: 200 });
      const code = await api.agents.createJoinCode.mutate({ pool, expiresInMinutes: minutes });
      return { code, known: new Set(before.items.map((agent) => agent.id)) };
    },
    onError: () => {},
  });
  useLive(
    (event) => event.kind === 'agent',
    () => void agents.refetch(),
  );
  const arrived = mint.data && agents.data?.items.find((agent) => !mint.data.known.has(agent.id));

  return (
    <>
      <DialogBody className="space-y-4">
        {mint.error && <Notice tone="danger" role="alert" title={readError(mint.error).message} />}
        {mint.data ? (
          <>
            <div>
              <p className="mb-1.5 text-sm">Run this where your flows’ code is. Node.js 22.12 or newer is all it needs.</p>
              <CodeBlock label="Command that installs and starts the agent" text={mint.data.code.command} />
              <p className="mt-1.5 text-xs text-ink-3">
                The join code works once and expires <RelativeTime at={mint.data.code.expiresAt} />. It is not shown again.
              </p>
            </div>
            <Arrival agent={arrived ?? null} expiresAt={mint.data.code.expiresAt} />
          </>
        ) : (
          <Field label="The join code is valid for" hint="It can be used once. An agent that has joined needs none again.">
            {(control) => (
              <Select {...control} className="!w-40" value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
                {LIFETIMES.map((each) => (
                  <option key={each.minutes} value={each.minutes}>
                    {each.label}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
      </DialogBody>
      <DialogFooter>
        {mint.data ? (
          <Button variant={arrived ? 'primary' : 'secondary'} onClick={onClose}>
            {arrived ? 'Done' : 'Close'}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Close</Button>
            <Button variant="primary" isBusy={mint.isPending} onClick={() => mint.mutate()}>
              Make a join code
            </Button>
          </>
        )}
      </DialogFooter>
    </>
  );
}

function Arrival({ agent, expiresAt }: { agent: Agent | null; expiresAt: string }) {
  const isOver = useNow() > Date.parse(expiresAt);
  return (
    <p
      role="status"
      aria-live="polite"
      className={`flex items-center gap-3 rounded-md border border-line bg-sunken px-4 py-3 text-sm ${agent ? 'text-good' : isOver ? 'text-danger' : 'text-late'}`}
    >
      <Lamp isBlinking={!agent && !isOver} />
      <span className={agent ? 'font-medium' : 'text-ink-2'}>
        {agent
          ? agent.status === 'online'
            ? `${agent.name} has joined and is online.`
            : `${agent.name} has joined; waiting for its first sign of life.`
          : isOver
            ? 'The join code has expired. Close this and make another.'
            : 'Waiting for the agent. It appears here as soon as it has joined.'}
      </span>
    </p>
  );
}
