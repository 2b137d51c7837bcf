'use client';
import type { Grant } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Tag } from '../../components/ui/tag.tsx';
import { api } from '../../lib/trpc/client.ts';
import { useMay } from '../shell/session.tsx';
import { AccessList } from './access-list.tsx';
import { GrantButton } from './grant-dialog.tsx';
import { accessQueries } from './queries.ts';
import { useAccessWrite } from './use-access-write.ts';

const placeOf = ({ object }: Grant, whole: string) => (object ? `the ${object.kind.replace('-', ' ')} ${object.name}` : whole);
const KIND = { person: null, team: 'team', 'service-account': 'service account' } as const;

/** Roles given in this workspace, on single things of it, and in all workspaces at once. */
export function GrantPanels() {
  const may = useMay();
  const ofWorkspace = useQuery({ ...accessQueries(api).grants(), select: (page) => page.items });
  const ofOrganization = useQuery({ ...accessQueries(api).organizationGrants(), select: (page) => page.items });
  const revoke = useAccessWrite((grant: Grant) => api.access.revoke.mutate({ grant: grant.id }), 'The grant is taken back');
  const revokeEverywhere = useAccessWrite(
    (grant: Grant) => api.organizations.revokeGrant.mutate({ grant: grant.id }),
    'The grant is taken back in every workspace',
  );
  const list = (whole: string, mayRevoke: boolean, write: typeof revoke) => ({
    keyOf: (grant: Grant) => grant.id,
    textOf: (grant: Grant) => `${grant.subject.name} ${grant.role.name} ${placeOf(grant, whole)}`,
    row: (grant: Grant) => ({
      name: (
        <>
          {grant.subject.name} {KIND[grant.subject.kind] && <Tag>{KIND[grant.subject.kind]}</Tag>}
        </>
      ),
      about: (
        <>
          {grant.role.name} on {placeOf(grant, whole)} · by {grant.createdBy} <RelativeTime at={grant.createdAt} />
        </>
      ),
      aside: mayRevoke && (
        <ConfirmButton
          label="Take back"
          ariaLabel={`Take back ${grant.role.name} of ${grant.subject.name}`}
          question={`Take ${grant.role.name} back from ${grant.subject.name}?`}
          confirmLabel="Take it back"
          isBusy={write.isPending}
          onConfirm={(close) => write.mutate(grant, { onSettled: close })}
        >
          On {placeOf(grant, whole)}, from the next request on. What they have by other ways they keep.
        </ConfirmButton>
      ),
    }),
  });
  return (
    <div className="space-y-4">
      <AccessList
        title="In this workspace"
        about="On the workspace it counts for everything in it. On a deployment: its versions, schedules and runs with their logs. On a work pool: its queues and agents, not the deployments that run there."
        actions={may('grants:write') && <GrantButton />}
        query={ofWorkspace}
        {...list('all of the workspace', may('grants:write'), revoke)}
        empty={{
          title: 'No grant yet',
          text: 'Members have their roles without one. Grants are for teams, service accounts and single things.',
        }}
      />
      <AccessList
        title="In all workspaces"
        about="Had in every workspace of the organization, those that are made later too."
        actions={may('organization:grants') && <GrantButton isEverywhere />}
        query={ofOrganization}
        {...list('every workspace', may('organization:grants'), revokeEverywhere)}
        empty={{ title: 'No grant on the organization', text: 'One given here reaches into each of its workspaces.' }}
      />
    </div>
  );
}
