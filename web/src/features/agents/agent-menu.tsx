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

const DONE = {
  drain: 'takes no new runs',
  quarantine: 'is in quarantine: it is given nothing new',
  release: 'is given runs again',
  revoke: 'is revoked',
} as const;

export function AgentMenu({ agent }: { agent: Agent }) {
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
  return (
    <>
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
        {agent.status === 'quarantined' ? (
          <MenuItem onSelect={() => change.mutate('release')}>
            <ShieldCheck aria-hidden className="size-3.5" />
            Release: give it runs again
          </MenuItem>
        ) : (
          <MenuItem onSelect={() => change.mutate('quarantine')}>
            <ShieldAlert aria-hidden className="size-3.5" />
            Quarantine: give it nothing new
          </MenuItem>
        )}
        <MenuItem onSelect={() => setRevoking(true)} className="text-danger">
          <Ban aria-hidden className="size-3.5" />
          Revoke its credential…
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
    </>
  );
}
