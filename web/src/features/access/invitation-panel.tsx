'use client';
import type { Invitation } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { FormDialog } from '../../components/ui/form-dialog.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Tag } from '../../components/ui/tag.tsx';
import { api } from '../../lib/trpc/client.ts';
import { AccessList } from './access-list.tsx';
import { LinkShown } from './invite-dialog.tsx';
import { accessQueries } from './queries.ts';
import { useAccessWrite } from './use-access-write.ts';

/** Invitations that are on their way, and what became of earlier ones. */
export function InvitationPanel() {
  return (
    <AccessList
      title="Invitations"
      query={useQuery(accessQueries(api).invitations())}
      keyOf={(invitation) => invitation.id}
      textOf={(invitation) => `${nameOf(invitation)} ${invitation.status} ${invitation.createdBy}`}
      row={(invitation) => ({
        name: (
          <>
            {nameOf(invitation)} <Tag>{invitation.status}</Tag>
          </>
        ),
        about: <About invitation={invitation} />,
        aside: (invitation.status === 'open' || invitation.status === 'expired') && <InvitationActions invitation={invitation} />,
      })}
      empty={{ title: 'No invitation', text: 'What you send is listed here until long after it was accepted.' }}
    />
  );
}

const nameOf = (invitation: Invitation) => invitation.email ?? 'Whoever has the link';

function About({
  invitation: { organizationRole, workspace, createdBy, createdAt, expiresAt, mailedAt, status },
}: {
  invitation: Invitation;
}) {
  return (
    <>
      {organizationRole} of the organization
      {workspace && `, ${workspace.role} of ${workspace.name}`} · by {createdBy} <RelativeTime at={createdAt} />
      {mailedAt && (
        <>
          {' '}
          · mailed <RelativeTime at={mailedAt} />
        </>
      )}
      {status === 'open' && (
        <>
          {' '}
          · good until <RelativeTime at={expiresAt} />
        </>
      )}
    </>
  );
}

function InvitationActions({ invitation }: { invitation: Invitation }) {
  const resend = useAccessWrite(() => api.invitations.resend.mutate({ invitation: invitation.id }));
  const withdraw = useAccessWrite(
    () => api.invitations.revoke.mutate({ invitation: invitation.id }),
    `The invitation of ${nameOf(invitation)} is withdrawn`,
  );
  return (
    <>
      <FormDialog
        title={`A new link for ${nameOf(invitation)}`}
        trigger={(open) => (
          <Button
            size="sm"
            variant="quiet"
            aria-label={`Send again to ${nameOf(invitation)}`}
            isBusy={resend.isPending}
            onClick={() => resend.mutate(undefined, { onSuccess: open })}
          >
            Send again
          </Button>
        )}
      >
        {(close) => resend.data && <LinkShown made={resend.data} isAgain onClose={close} />}
      </FormDialog>
      {invitation.status === 'open' && (
        <ConfirmButton
          label="Withdraw"
          ariaLabel={`Withdraw the invitation of ${nameOf(invitation)}`}
          question="Withdraw the invitation?"
          confirmLabel="Withdraw it"
          isBusy={withdraw.isPending}
          onConfirm={(close) => withdraw.mutate(undefined, { onSettled: close })}
        >
          The link of {nameOf(invitation)} leads nowhere from then on.
        </ConfirmButton>
      )}
    </>
  );
}
