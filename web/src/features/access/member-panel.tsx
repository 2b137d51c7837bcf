'use client';
import { type Member, WORKSPACE_ROLES, type WorkspaceRole } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { api } from '../../lib/trpc/client.ts';
import { useMay, useSession } from '../shell/session.tsx';
import { AccessList } from './access-list.tsx';
import { AddMemberButton } from './add-member-dialog.tsx';
import { accessQueries } from './queries.ts';
import { RoleSelect } from './role-select.tsx';
import { useAccessWrite } from './use-access-write.ts';

/** People by name in this workspace. */
export function MemberPanel() {
  const { me } = useSession();
  const mayChange = useMay()('members:write');
  const members = useQuery(accessQueries(api).members());
  return (
    <AccessList
      title="In this workspace"
      about={`Members of ${me.workspace?.name ?? 'it'} by name. Admins and owners of the organization, and teams with a grant, are here besides.`}
      actions={mayChange && <AddMemberButton members={members.data ?? []} />}
      query={members}
      keyOf={(member) => member.id}
      textOf={(member) => `${member.email} ${member.name} ${member.role}`}
      row={(member) => ({
        name: member.email,
        about: (
          <>
            {member.name} · since <RelativeTime at={member.since} />
          </>
        ),
        aside: mayChange ? <MemberActions member={member} /> : <span className="text-ink-2">{member.role}</span>,
      })}
      empty={{ title: 'Nobody by name', text: 'Admins of the organization and teams with a grant are here all the same.' }}
    />
  );
}

function MemberActions({ member }: { member: Member }) {
  const { me } = useSession();
  const isSelf = me.actor.id === member.id;
  const setRole = useAccessWrite(
    (role: WorkspaceRole) => api.members.setRole.mutate({ user: member.id, role }),
    (changed) => `${changed.email} is ${changed.role} now`,
  );
  const remove = useAccessWrite(() => api.members.remove.mutate({ user: member.id }), `${member.email} is removed from the workspace`);
  return (
    <>
      <RoleSelect
        of={member.email}
        roles={WORKSPACE_ROLES}
        value={member.role}
        disabled={isSelf || setRole.isPending}
        title={isSelf ? 'Another owner changes your role: nobody locks themselves out.' : undefined}
        onChange={(role) => setRole.mutate(role)}
      />
      <ConfirmButton
        label={isSelf ? 'Leave' : 'Remove'}
        ariaLabel={isSelf ? 'Leave the workspace' : `Remove ${member.email} from the workspace`}
        question={isSelf ? 'Leave the workspace?' : `Remove ${member.email}?`}
        confirmLabel={isSelf ? 'Leave' : 'Remove from the workspace'}
        isBusy={remove.isPending}
        onConfirm={(close) => remove.mutate(undefined, { onSettled: close })}
      >
        Out of this workspace, with what was granted here by name, from the next request on. They stay in the organization, and what their
        teams have they keep.
      </ConfirmButton>
    </>
  );
}
