/** Every feature's procedures under the names of the API. Checked against src/api.ts: a missing one does not compile. */
import type { Procedures } from './api.ts';
import { accessRouter } from './features/access/index.ts';
import { agentsRouter } from './features/agents/index.ts';
import { apiKeysRouter } from './features/api-keys/index.ts';
import { assetsRouter } from './features/assets/index.ts';
import { auditRouter } from './features/audit/index.ts';
import { automationsRouter } from './features/automations/index.ts';
import { backfillsRouter } from './features/backfills/index.ts';
import { blocksRouter } from './features/blocks/index.ts';
import { bulkRouter } from './features/bulk/index.ts';
import { calendarsRouter } from './features/calendars/index.ts';
import { loginRouter } from './features/cli-login/index.ts';
import { deploymentsRouter } from './features/deployments/index.ts';
import { eventGraph } from './features/event-graph/index.ts';
import { eventsRouter } from './features/events/index.ts';
import { failuresRouter } from './features/failures/index.ts';
import { flowsRouter } from './features/flows/index.ts';
import { meRouter } from './features/identity/index.ts';
import { incidentsRouter } from './features/incidents/index.ts';
import { invitationsRouter } from './features/invitations/index.ts';
import { limitsRouter } from './features/limits/index.ts';
import { membersRouter } from './features/members/index.ts';
import { networksRouter } from './features/networks/index.ts';
import { notificationsRouter } from './features/notifications/index.ts';
import { organizationsRouter } from './features/organizations/index.ts';
import { retentionRouter } from './features/retention/index.ts';
import { rolesRouter } from './features/roles/index.ts';
import { runsRouter } from './features/runs/index.ts';
import { schedulesRouter } from './features/schedules/index.ts';
import { scimRouter } from './features/scim/index.ts';
import { serviceAccountsRouter } from './features/service-accounts/index.ts';
import { slasRouter } from './features/slas/index.ts';
import { ssoRouter } from './features/sso/index.ts';
import { supportRouter } from './features/support/index.ts';
import { teamsRouter } from './features/teams/index.ts';
import { usageRouter } from './features/usage/index.ts';
import { variablesRouter } from './features/variables/index.ts';
import { webhooksRouter } from './features/webhooks/index.ts';
import { workPoolsRouter } from './features/work-pools/index.ts';
import { workspacesRouter } from './features/workspaces/index.ts';
import { createCallerFactory, router } from './platform/trpc.ts';

const procedures: Procedures = {
  me: meRouter,
  organizations: organizationsRouter,
  invitations: invitationsRouter,
  roles: rolesRouter,
  teams: teamsRouter,
  serviceAccounts: serviceAccountsRouter,
  members: membersRouter,
  access: accessRouter,
  audit: auditRouter,
  workspaces: workspacesRouter,
  apiKeys: apiKeysRouter,
  sso: ssoRouter,
  networks: networksRouter,
  support: supportRouter,
  scim: scimRouter,
  login: loginRouter,
  flows: flowsRouter,
  deployments: deploymentsRouter,
  schedules: schedulesRouter,
  calendars: calendarsRouter,
  retention: retentionRouter,
  backfills: backfillsRouter,
  workPools: workPoolsRouter,
  agents: agentsRouter,
  limits: limitsRouter,
  usage: usageRouter,
  variables: variablesRouter,
  blocks: blocksRouter,
  assets: assetsRouter,
  bulk: bulkRouter,
  events: { ...eventsRouter, graph: eventGraph },
  automations: automationsRouter,
  notifications: notificationsRouter,
  incidents: incidentsRouter,
  failures: failuresRouter,
  slas: slasRouter,
  webhooks: webhooksRouter,
  runs: runsRouter,
};

export const appRouter = router(procedures);
export const createCaller = createCallerFactory(appRouter);
