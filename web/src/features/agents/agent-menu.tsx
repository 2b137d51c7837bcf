'use client';
import type { Agent } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, CircleFadingArrowUp, Ellipsis, ShieldAlert, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { Menu, MenuItem } from '../../components/ui/menu.tsx';
import { plural } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { useMay } from '../shell/session.tsx';

const DONE = {
  drain: 'takes no new runs',
  quarantine: 'is in quarantine: it is given nothing new',
  release: 'is given runs again',
  revoke: 'is revoked',
} as const;

export function AgentMenu({ agent }: { agent: Agent }) {
  const may = useMay();
  const queryClient = useQueryClient();
  const [isRevoking, setRevoking] = useState(false);
  const change = useMutation({
    mutationFn: (command: keyof typeof DONE) => api.agents[command].mutate({ agent: agent.id }),
    onSuccess: (_, command) => {
      toast.success(`${agent.name} ${DONE[command]}`);
      return queryClient.invalidateQueries({ queryKey: ['agents'] });
    },
    onError: (error, command) => toast.error(`Could not ${command} ${agent.name}`, { description: readError(error).message }),
    onSettled: () => setRevoking(false),
  });
  if (agent.status === 'revoked') return null;
  if (!may('agents:manage', [agent.pool.id])) return null;
  const isQuarantined = agent.status === 'quarantined';
  const QuarantineIcon = isQuarantined ? ShieldCheck : ShieldAlert;
  return (
    <div className="flex justify-end">
      <Button
        variant="quiet"
        size="icon"
        isBusy={change.isPending}
        aria-label={isQuarantined ? `Release ${agent.name}` : `Quarantine ${agent.name}`}
        title={isQuarantined ? 'Release: give it runs again' : 'Quarantine: it finishes what it holds and is given nothing new'}
        onClick={() => change.mutate(isQuarantined ? 'release' : 'quarantine')}
      >
        {!change.isPending && <QuarantineIcon aria-hidden className="size-4" />}
      </Button>
      <Button
        variant="quiet"
        size="icon"
        aria-label={`Revoke ${agent.name}`}
        title="Revoke its credential"
        className="hover:text-danger"
        onClick={() => setRevoking(true)}
      >
        <Ban aria-hidden className="size-4" />
      </Button>
      <Menu
        align="end"
        trigger={
          <Button variant="quiet" size="icon" aria-label={`Actions for ${agent.name}`}>
            <Ellipsis aria-hidden className="size-4" />
          </Button>
        }
      >
        <MenuItem disabled={agent.status !== 'online'} onSelect={() => change.mutate('drain')}>
          <CircleFadingArrowUp aria-hidden className="size-3.5" />
          Drain: finish, take no more
        </MenuItem>
      </Menu>
      <ConfirmDialog
        isOpen={isRevoking}
        onOpenChange={setRevoking}
        title={`Revoke ${agent.name}?`}
        confirmLabel="Revoke the agent"
        isBusy={change.isPending}
        onConfirm={() => change.mutate('revoke')}
      >
        It is cut off within seconds and can never come back with this credential; joining again takes a new join code.
        {agent.held > 0 && ` It holds ${plural(agent.held, 'run')}: they will be lost and dealt with as their deployments say.`}
      </ConfirmDialog>
    </div>
  );
}
