'use client';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { TabPanel, Tabs } from '../../../components/ui/tabs.tsx';
import { AccessList } from '../../../features/access/access-list.tsx';
import { ExplainAccess } from '../../../features/access/explain-access.tsx';
import { InviteButton } from '../../../features/access/invite-dialog.tsx';
import { accessQueries } from '../../../features/access/queries.ts';
import { useSession } from '../../../features/shell/session.tsx';
import { plural } from '../../../lib/format.ts';
import { api } from '../../../lib/trpc/client.ts';

const TABS = [
  { value: 'people', label: 'People' },
  { value: 'teams', label: 'Teams' },
  { value: 'roles', label: 'Roles' },
  { value: 'service-accounts', label: 'Service accounts' },
  { value: 'grants', label: 'Grants' },
  { value: 'explain', label: 'Who may what' },
];

export function AccessPage() {
  const { me } = useSession();
  const [tab, setTab] = useState('people');
  return (
    <>
      <PageHeader title="Access" description={me.organization ? `Who may do what in ${me.organization.name}` : undefined} />
      <PageBody>
        <Tabs value={tab} onChange={setTab} label="Access" tabs={TABS}>
          <TabPanel value="people">
            <People />
          </TabPanel>
          <TabPanel value="teams">
            <Teams />
          </TabPanel>
          <TabPanel value="roles">
            <Roles />
          </TabPanel>
          <TabPanel value="service-accounts">
            <ServiceAccounts />
          </TabPanel>
          <TabPanel value="grants">
            <Grants />
          </TabPanel>
          <TabPanel value="explain">
            <ExplainAccess mayAskOthers={me.scopes.includes('grants:write')} />
          </TabPanel>
        </Tabs>
      </PageBody>
    </>
  );
}

function People() {
  const { me } = useSession();
  const mayInvite = me.organization?.scopes.includes('organization:members') ?? false;
  return (
    <div className="space-y-4">
      <AccessList
        title="In this workspace"
        actions={mayInvite ? <InviteButton workspace={me.workspace?.id} /> : undefined}
        query={useQuery(accessQueries(api).members())}
        keyOf={(member) => member.id}
        row={(member) => ({ name: member.email, about: member.name, aside: <span className="text-ink-2">{member.role}</span> })}
        empty={{ title: 'Nobody by name', text: 'Admins of the organization and teams with a grant are here all the same.' }}
      />
      <AccessList
        title="In the organization"
        query={useQuery(accessQueries(api).people())}
        keyOf={(person) => person.id}
        row={(person) => ({ name: person.email, about: person.name, aside: <span className="text-ink-2">{person.role}</span> })}
        empty={{ title: 'Nobody yet', text: 'Invite somebody to begin.' }}
      />
      {mayInvite && <Invitations />}
    </div>
  );
}

function Invitations() {
  return (
    <AccessList
      title="Invitations"
      query={useQuery(accessQueries(api).invitations())}
      keyOf={(invitation) => invitation.id}
      row={(invitation) => ({
        name: invitation.email ?? 'Whoever has the link',
        about: `${invitation.organizationRole}${invitation.workspace ? `, ${invitation.workspace.role} of ${invitation.workspace.name}` : ''} · by ${invitation.createdBy}`,
        aside: (
          <span className="text-ink-2">
            {invitation.status} · <RelativeTime at={invitation.createdAt} />
          </span>
        ),
      })}
      empty={{ title: 'No invitation', text: 'What you send is listed here until long after it was accepted.' }}
    />
  );
}

function Teams() {
  return (
    <AccessList
      title="Teams"
      query={useQuery(accessQueries(api).teams())}
      keyOf={(team) => team.id}
      row={(team) => ({
        name: team.name,
        about: team.members.map((member) => member.name).join(', ') || 'nobody is in it',
        aside: <span className="text-ink-2">{team.fromDirectory ? 'from the directory' : plural(team.members.length, 'member')}</span>,
      })}
      empty={{ title: 'No team yet', text: 'What a team is granted, everybody in it has.' }}
    />
  );
}

function Roles() {
  return (
    <AccessList
      title="Roles"
      query={useQuery(accessQueries(api).roles())}
      keyOf={(role) => role.slug}
      row={(role) => ({
        name: role.name,
        about: role.description || role.scopes.join(', '),
        aside: (
          <span className="text-ink-2">
            {role.id ? 'made here' : 'built in'} · {plural(role.scopes.length, 'scope')}
          </span>
        ),
      })}
      empty={{ title: 'No role', text: 'There are always the built-in ones.' }}
    />
  );
}

function ServiceAccounts() {
  return (
    <AccessList
      title="Service accounts"
      query={useQuery(accessQueries(api).serviceAccounts())}
      keyOf={(account) => account.id}
      row={(account) => ({
        name: account.name,
        about: account.description || account.slug,
        aside: <span className="text-ink-2">{account.disabledAt ? 'disabled' : 'works'}</span>,
      })}
      empty={{ title: 'No service account yet', text: 'A program that is somebody: its keys outlive the person who made them.' }}
    />
  );
}

function Grants() {
  return (
    <AccessList
      title="Grants in this workspace"
      query={useQuery({ ...accessQueries(api).grants(), select: (page) => page.items })}
      keyOf={(grant) => grant.id}
      row={(grant) => ({
        name: grant.subject.name,
        about: `${grant.role.name} on ${grant.object ? `the ${grant.object.kind.replace('-', ' ')} ${grant.object.name}` : 'all of the workspace'}`,
        aside: (
          <span className="text-ink-2">
            by {grant.createdBy} · <RelativeTime at={grant.createdAt} />
          </span>
        ),
      })}
      empty={{
        title: 'No grant yet',
        text: 'Members have their roles without one. Grants are for teams, service accounts and single things.',
      }}
    />
  );
}
