'use client';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { TabPanel, Tabs } from '../../../components/ui/tabs.tsx';
import { ExplainAccess } from '../../../features/access/explain-access.tsx';
import { GrantPanels } from '../../../features/access/grant-panel.tsx';
import { InvitationPanel } from '../../../features/access/invitation-panel.tsx';
import { InviteButton } from '../../../features/access/invite-dialog.tsx';
import { MemberPanel } from '../../../features/access/member-panel.tsx';
import { PeoplePanel } from '../../../features/access/people-panel.tsx';
import { RolePanel } from '../../../features/access/role-panel.tsx';
import { ServiceAccountPanel } from '../../../features/access/service-account-panel.tsx';
import { TeamPanel } from '../../../features/access/team-panel.tsx';
import { useMay, useSession } from '../../../features/shell/session.tsx';

const TABS = [
  { value: 'people', label: 'People' },
  { value: 'teams', label: 'Teams' },
  { value: 'roles', label: 'Roles' },
  { value: 'service-accounts', label: 'Service accounts' },
  { value: 'grants', label: 'Grants' },
  { value: 'explain', label: 'Who may what' },
] as const;
const tabParser = parseAsStringLiteral(TABS.map(({ value }) => value)).withDefault('people');

export function AccessPage() {
  const { me } = useSession();
  const mayInvite = useMay()('organization:members');
  const [tab, setTab] = useQueryState('tab', tabParser);
  return (
    <>
      <PageHeader title="Access" description={me.organization ? `Who may do what in ${me.organization.name}` : undefined}>
        {mayInvite && <InviteButton />}
      </PageHeader>
      <PageBody>
        <Tabs value={tab} onChange={(value) => void setTab(tabParser.parse(value))} label="Access" tabs={TABS}>
          <TabPanel value="people">
            <div className="space-y-4">
              <MemberPanel />
              <PeoplePanel />
              {mayInvite && <InvitationPanel />}
            </div>
          </TabPanel>
          <TabPanel value="teams">
            <TeamPanel />
          </TabPanel>
          <TabPanel value="roles">
            <RolePanel />
          </TabPanel>
          <TabPanel value="service-accounts">
            <ServiceAccountPanel />
          </TabPanel>
          <TabPanel value="grants">
            <GrantPanels />
          </TabPanel>
          <TabPanel value="explain">
            <ExplainAccess />
          </TabPanel>
        </Tabs>
      </PageBody>
    </>
  );
}
