/**
 * The API as its clients see it: every procedure, its input and its answer, as types alone. The server's router is
 * checked against it (src/router.ts), so the two cannot drift; clients read no server code.
 */
import type { ErrorBody } from '@signalbox/proto';
import type * as api from '@signalbox/proto/api';
import type {
  TRPCBuiltRouter,
  TRPCDecorateCreateRouterOptions,
  TRPCDefaultErrorShape,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
} from '@trpc/server';
import type { z } from 'zod';

type Query<I, T> = TRPCQueryProcedure<{ input: I; output: T; meta: object }>;
type Mutation<I, T> = TRPCMutationProcedure<{ input: I; output: T; meta: object }>;
/** What a caller gives: fields with a default may be left out. */
type In<S extends z.ZodType> = z.input<S>;
type Out<S extends z.ZodType> = z.output<S>;
type Page<T> = { items: T[]; nextCursor: string | null };
type PageRef = In<typeof api.listWorkPoolsInput>;

type DeploymentRef = In<typeof api.deploymentRefInput>;
type PoolRef = In<typeof api.workPoolRefInput>;
type QueueRef = In<typeof api.workQueueRefInput>;
type AgentRef = In<typeof api.agentRefInput>;
type LimitRef = In<typeof api.limitRefInput>;
type CalendarRef = In<typeof api.calendarRefInput>;
type BackfillRef = In<typeof api.backfillRefInput>;
type AutomationRef = In<typeof api.automationRefInput>;
type RunRef = In<typeof api.runRefInput>;

/** How a command line signs in through a browser. */
export type LoginStart = { code: string; deviceCode: string; url: string; expiresInSeconds: number; intervalSeconds: number };
export type LoginSeen = { host: string | null; address: string | null; startedAt: string };
export type LoginPoll = { status: 'pending' | 'approved' | 'expired'; secret?: string; workspace?: string };

/** Every procedure, by name. */
export type Procedures = {
  me: { get: Query<void, api.Me> };
  workspaces: {
    list: Query<void, Out<typeof api.workspaceSchema>[]>;
    create: Mutation<In<typeof api.createWorkspaceInput>, Out<typeof api.workspaceSchema>>;
    update: Mutation<In<typeof api.updateWorkspaceInput>, api.Workspace>;
    delete: Mutation<In<typeof api.deleteWorkspaceInput>, api.Workspace>;
    restore: Mutation<void, api.Workspace>;
    transfer: Mutation<In<typeof api.transferWorkspaceInput>, api.Workspace>;
  };
  organizations: {
    list: Query<void, api.Organization[]>;
    get: Query<void, api.OrganizationDetail>;
    create: Mutation<In<typeof api.createOrganizationInput>, api.Organization>;
    update: Mutation<In<typeof api.updateOrganizationInput>, api.Organization>;
    delete: Mutation<In<typeof api.deleteOrganizationInput>, api.Organization>;
    restore: Mutation<In<typeof api.restoreOrganizationInput>, api.Organization>;
    members: Query<void, api.OrganizationMember[]>;
    setMemberRole: Mutation<In<typeof api.setOrganizationRoleInput>, api.OrganizationMember>;
    removeMember: Mutation<In<typeof api.memberRefInput>, { removed: true }>;
    grants: Query<In<typeof api.listGrantsInput>, Page<api.Grant>>;
    grant: Mutation<In<typeof api.createOrganizationGrantInput>, api.Grant>;
    revokeGrant: Mutation<In<typeof api.grantRefInput>, { revoked: true }>;
  };
  invitations: {
    list: Query<void, api.Invitation[]>;
    create: Mutation<In<typeof api.createInvitationInput>, Out<typeof api.createdInvitationSchema>>;
    revoke: Mutation<In<typeof api.invitationRefInput>, api.Invitation>;
    resend: Mutation<In<typeof api.invitationRefInput>, Out<typeof api.createdInvitationSchema>>;
    preview: Mutation<In<typeof api.invitationTokenInput>, Out<typeof api.invitationPreviewSchema>>;
    accept: Mutation<In<typeof api.invitationTokenInput>, { joined: true }>;
    join: Mutation<In<typeof api.joinByInvitationInput>, { joined: true }>;
  };
  roles: {
    list: Query<void, api.Role[]>;
    scopes: Query<void, api.ScopeInfo[]>;
    create: Mutation<In<typeof api.createRoleInput>, api.Role>;
    update: Mutation<In<typeof api.updateRoleInput>, api.Role>;
    delete: Mutation<In<typeof api.roleRefInput>, { deleted: true }>;
  };
  teams: {
    list: Query<void, api.Team[]>;
    create: Mutation<In<typeof api.createTeamInput>, api.Team>;
    rename: Mutation<In<typeof api.renameTeamInput>, api.Team>;
    delete: Mutation<In<typeof api.teamRefInput>, { deleted: true }>;
    addMember: Mutation<In<typeof api.teamMemberInput>, api.Team>;
    removeMember: Mutation<In<typeof api.teamMemberInput>, api.Team>;
  };
  serviceAccounts: {
    list: Query<void, api.ServiceAccount[]>;
    create: Mutation<In<typeof api.createServiceAccountInput>, api.ServiceAccount>;
    update: Mutation<In<typeof api.updateServiceAccountInput>, api.ServiceAccount>;
    delete: Mutation<In<typeof api.serviceAccountRefInput>, { deleted: true }>;
  };
  members: {
    list: Query<void, api.Member[]>;
    add: Mutation<In<typeof api.addMemberInput>, api.Member>;
    setRole: Mutation<In<typeof api.addMemberInput>, api.Member>;
    remove: Mutation<In<typeof api.memberRefInput>, { removed: true }>;
  };
  access: {
    explain: Query<In<typeof api.explainAccessInput>, api.AccessExplanation>;
    grants: Query<In<typeof api.listGrantsInput>, Page<api.Grant>>;
    grant: Mutation<In<typeof api.createGrantInput>, api.Grant>;
    revoke: Mutation<In<typeof api.grantRefInput>, { revoked: true }>;
  };
  audit: {
    list: Query<In<typeof api.listAuditInput>, Page<api.AuditEntry>>;
    verify: Query<In<typeof api.verifyAuditInput>, api.AuditVerdict>;
    listOrganization: Query<In<typeof api.listAuditInput>, Page<api.AuditEntry>>;
    verifyOrganization: Query<In<typeof api.verifyAuditInput>, api.AuditVerdict>;
  };
  apiKeys: {
    list: Query<void, api.ApiKey[]>;
    create: Mutation<In<typeof api.createApiKeyInput>, Out<typeof api.createdApiKeySchema>>;
    rotate: Mutation<In<typeof api.rotateApiKeyInput>, Out<typeof api.createdApiKeySchema>>;
    revoke: Mutation<In<typeof api.apiKeyRefInput>, api.ApiKey>;
  };
  /** Of the whole organization. */
  sso: {
    connections: Query<void, api.SsoConnection[]>;
    create: Mutation<In<typeof api.createSsoConnectionInput>, api.SsoConnection>;
    update: Mutation<In<typeof api.updateSsoConnectionInput>, api.SsoConnection>;
    delete: Mutation<In<typeof api.ssoConnectionInput>, { deleted: true }>;
    domains: Query<void, api.OrganizationDomain[]>;
    addDomain: Mutation<In<typeof api.addDomainInput>, api.OrganizationDomain>;
    verifyDomain: Mutation<In<typeof api.domainInput>, api.OrganizationDomain>;
    removeDomain: Mutation<In<typeof api.domainInput>, { removed: true }>;
  };
  support: { get: Query<void, api.Support>; set: Mutation<In<typeof api.setSupportInput>, api.Support> };
  networks: {
    get: Query<void, Out<typeof api.networksSchema>>;
    set: Mutation<In<typeof api.setNetworksInput>, Out<typeof api.networksSchema>>;
  };
  scim: {
    tokens: Query<void, api.ScimToken[]>;
    createToken: Mutation<In<typeof api.createScimTokenInput>, Out<typeof api.createdScimTokenSchema>>;
    revokeToken: Mutation<In<typeof api.scimTokenInput>, api.ScimToken>;
  };
  login: {
    start: Mutation<void, LoginStart>;
    /** What is to be approved, for the person who is to. */
    look: Query<{ code: string }, LoginSeen>;
    poll: Mutation<{ deviceCode: string }, LoginPoll>;
    approve: Mutation<{ code: string; organization?: boolean }, { approved: true }>;
  };
  flows: { list: Query<PageRef, Page<api.Flow>> };
  deployments: {
    deploy: Mutation<In<typeof api.deployInput>, Out<typeof api.deployReplySchema>>;
    list: Query<In<typeof api.listDeploymentsInput>, Page<api.Deployment>>;
    get: Query<DeploymentRef, api.Deployment>;
    /** What `deploy` would do, without doing it. */
    plan: Mutation<In<typeof api.deployInput>, Out<typeof api.deployReplySchema>>;
    describe: Query<DeploymentRef, api.DescribedDeployment>;
    pause: Mutation<In<typeof api.pauseDeploymentInput>, api.Deployment>;
    resume: Mutation<DeploymentRef, api.Deployment>;
    setOverlay: Mutation<api.SetOverlayInput, api.DescribedDeployment>;
    resetOverlay: Mutation<In<typeof api.resetOverlayInput>, api.DescribedDeployment>;
    versions: Query<In<typeof api.listVersionsInput>, Page<api.DeploymentVersion>>;
    rollback: Mutation<In<typeof api.rollbackInput>, Out<typeof api.deployReplySchema>>;
    delete: Mutation<DeploymentRef, { deleted: true }>;
  };
  schedules: {
    preview: Query<In<typeof api.previewScheduleInput>, { fires: string[]; timezone: string; upcoming: api.UpcomingFire[] }>;
    upcoming: Query<In<typeof api.upcomingFiresInput>, Out<typeof api.upcomingFiresSchema>>;
    fires: Query<In<typeof api.listFiresInput>, Page<api.Fire>>;
    findings: Query<In<typeof api.listFindingsInput>, api.AuditFinding[]>;
    create: Mutation<In<typeof api.createScheduleInput>, api.Schedule>;
    update: Mutation<In<typeof api.updateScheduleInput>, api.Schedule>;
    delete: Mutation<In<typeof api.scheduleRefInput>, { deleted: true }>;
    skip: Mutation<In<typeof api.skipFireInput>, api.UpcomingFire>;
    unskip: Mutation<In<typeof api.unskipFireInput>, api.UpcomingFire>;
    setActive: Mutation<In<typeof api.setScheduleActiveInput>, api.Schedule>;
  };
  calendars: {
    list: Query<void, api.Calendar[]>;
    get: Query<CalendarRef, api.Calendar>;
    create: Mutation<In<typeof api.createCalendarInput>, api.Calendar>;
    update: Mutation<In<typeof api.updateCalendarInput>, api.Calendar>;
    delete: Mutation<CalendarRef, { deleted: true }>;
  };
  retention: {
    get: Query<void, api.Retention>;
    set: Mutation<In<typeof api.setRetentionInput>, api.Retention>;
    hold: Mutation<In<typeof api.placeHoldInput>, api.LegalHold>;
    release: Mutation<In<typeof api.releaseHoldInput>, api.LegalHold>;
  };
  backfills: {
    list: Query<In<typeof api.listBackfillsInput>, Page<api.Backfill>>;
    get: Query<BackfillRef, api.Backfill>;
    create: Mutation<In<typeof api.createBackfillInput>, api.Backfill>;
    pause: Mutation<BackfillRef, api.Backfill>;
    resume: Mutation<BackfillRef, api.Backfill>;
    cancel: Mutation<In<typeof api.cancelBackfillInput>, api.Backfill>;
  };
  workPools: {
    list: Query<PageRef, Page<api.WorkPool>>;
    get: Query<PoolRef, api.WorkPool>;
    create: Mutation<In<typeof api.createWorkPoolInput>, api.WorkPool>;
    update: Mutation<In<typeof api.updateWorkPoolInput>, api.WorkPool>;
    pause: Mutation<PoolRef, api.WorkPool>;
    resume: Mutation<PoolRef, api.WorkPool>;
    delete: Mutation<PoolRef, { deleted: true }>;
    slots: Query<In<typeof api.listSlotsInput>, Page<api.SlotHolder>>;
    moveQueue: Mutation<In<typeof api.moveWorkQueueInput>, api.WorkPool>;
    pauseQueue: Mutation<QueueRef, api.WorkPool>;
    resumeQueue: Mutation<QueueRef, api.WorkPool>;
    deleteQueue: Mutation<QueueRef, api.WorkPool>;
    getTemplate: Query<PoolRef, api.ShownPoolTemplate>;
    setTemplate: Mutation<In<typeof api.setPoolTemplateInput>, api.ShownPoolTemplate>;
    upsertQueue: Mutation<In<typeof api.upsertWorkQueueInput>, api.WorkPool>;
  };
  agents: {
    list: Query<In<typeof api.listAgentsInput>, Page<api.Agent>>;
    get: Query<AgentRef, api.Agent>;
    createJoinCode: Mutation<In<typeof api.createJoinCodeInput>, Out<typeof api.joinCodeSchema>>;
    revoke: Mutation<AgentRef, api.Agent>;
    drain: Mutation<AgentRef, api.Agent>;
    quarantine: Mutation<AgentRef, api.Agent>;
    release: Mutation<AgentRef, api.Agent>;
  };
  limits: {
    list: Query<In<typeof api.listLimitsInput>, Page<api.Limit>>;
    get: Query<LimitRef, api.Limit>;
    holders: Query<In<typeof api.limitOccupantsInput>, Page<api.LimitHolder>>;
    waiters: Query<In<typeof api.limitOccupantsInput>, Page<api.LimitWaiter>>;
    create: Mutation<In<typeof api.createLimitInput>, api.Limit>;
    ensure: Mutation<In<typeof api.ensureLimitsInput>, Out<typeof api.ensuredLimitsSchema>>;
    update: Mutation<In<typeof api.updateLimitInput>, api.Limit>;
    freeSlots: Mutation<In<typeof api.freeSlotsInput>, api.Limit>;
    delete: Mutation<LimitRef, { deleted: true }>;
  };
  usage: { get: Query<void, api.Usage>; history: Query<In<typeof api.usageHistoryInput>, api.UsageHistory> };
  variables: {
    list: Query<In<typeof api.listVariablesInput>, Page<api.Variable>>;
    get: Query<In<typeof api.variableRefInput>, api.Variable>;
    set: Mutation<In<typeof api.setVariableInput>, api.Variable>;
    delete: Mutation<In<typeof api.variableRefInput>, { deleted: true }>;
  };
  blocks: {
    types: Query<void, api.BlockType[]>;
    setType: Mutation<In<typeof api.setBlockTypeInput>, api.BlockType>;
    deleteType: Mutation<In<typeof api.blockTypeRefInput>, { deleted: true }>;
    list: Query<In<typeof api.listBlocksInput>, Page<api.Block>>;
    get: Query<In<typeof api.blockRefInput>, api.Block>;
    set: Mutation<In<typeof api.setBlockInput>, api.Block>;
    delete: Mutation<In<typeof api.blockRefInput>, { deleted: true }>;
  };
  assets: {
    list: Query<In<typeof api.listAssetsInput>, Page<api.Asset>>;
    get: Query<In<typeof api.assetRefInput>, api.Asset>;
    materializations: Query<In<typeof api.listMaterializationsInput>, { items: api.Materialization[] }>;
    graph: Query<In<typeof api.assetGraphInput>, api.AssetGraph>;
    delete: Mutation<In<typeof api.assetRefInput>, { deleted: true }>;
  };
  bulk: {
    preview: Query<In<typeof api.previewBulkInput>, Out<typeof api.bulkPreviewSchema>>;
    cancel: Mutation<In<typeof api.startBulkInput>, api.BulkJob>;
    retry: Mutation<In<typeof api.startBulkRetryInput>, api.BulkJob>;
    delete: Mutation<In<typeof api.startBulkInput>, api.BulkJob>;
    setState: Mutation<In<typeof api.startBulkSetStateInput>, api.BulkJob>;
    list: Query<In<typeof api.listBulkJobsInput>, Page<api.BulkJob>>;
    get: Query<In<typeof api.bulkJobRefInput>, api.BulkJob>;
    pause: Mutation<In<typeof api.bulkJobRefInput>, api.BulkJob>;
    resume: Mutation<In<typeof api.bulkJobRefInput>, api.BulkJob>;
    stop: Mutation<In<typeof api.bulkJobRefInput>, api.BulkJob>;
  };
  events: {
    list: Query<In<typeof api.listEventsInput>, api.EventPage>;
    find: Query<In<typeof api.findEventInput>, api.Event | null>;
    count: Query<In<typeof api.countEventsInput>, api.EventCounts>;
    /** What a trigger would have made of the last days. */
    replay: Query<In<typeof api.replayTriggerInput>, Out<typeof api.replayedTriggerSchema>>;
    graph: Query<In<typeof api.eventGraphInput>, Out<typeof api.eventGraphSchema>>;
    emit: Mutation<In<typeof api.emitEventsInput>, Out<typeof api.emittedEventsSchema>>;
  };
  automations: {
    list: Query<In<typeof api.listAutomationsInput>, Page<api.Automation>>;
    get: Query<AutomationRef, api.Automation>;
    create: Mutation<In<typeof api.automationDefinitionSchema>, api.Automation>;
    update: Mutation<In<typeof api.updateAutomationInput>, api.Automation>;
    /** Made, or changed where there is one of its name. */
    upsert: Mutation<In<typeof api.automationDefinitionSchema>, Out<typeof api.upsertedAutomationSchema>>;
    delete: Mutation<AutomationRef, { deleted: true }>;
    enable: Mutation<AutomationRef, api.Automation>;
    disable: Mutation<AutomationRef, api.Automation>;
    /** What an operator laid over code is taken away. */
    reset: Mutation<AutomationRef, api.Automation>;
    firings: Query<In<typeof api.listFiringsInput>, Page<api.AutomationFiring>>;
    firing: Query<In<typeof api.firingRefInput>, api.AutomationFiring>;
    retryAction: Mutation<In<typeof api.retryActionInput>, api.AutomationFiring>;
    /** What actions would say and do for an event that was. */
    preview: Query<In<typeof api.previewActionsInput>, Out<typeof api.previewedActionsSchema>>;
    /** What a receiver of `call-webhook` checks requests by: `whsec_...` of Standard Webhooks. */
    signingSecret: Query<void, { secret: string }>;
    /** "Would have fired": on the events that were. */
    test: Query<In<typeof api.testAutomationInput>, Out<typeof api.replayedTriggerSchema>>;
  };
  slas: {
    list: Query<In<typeof api.listSlasInput>, api.Sla[]>;
    create: Mutation<In<typeof api.createSlaInput>, api.Sla>;
    update: Mutation<In<typeof api.updateSlaInput>, api.Sla>;
    delete: Mutation<In<typeof api.slaRefInput>, { deleted: true }>;
    violations: Query<In<typeof api.listSlaViolationsInput>, Page<api.SlaViolation>>;
  };
  webhooks: {
    list: Query<void, api.Webhook[]>;
    create: Mutation<In<typeof api.createWebhookInput>, Out<typeof api.createdWebhookSchema>>;
    update: Mutation<In<typeof api.updateWebhookInput>, api.Webhook>;
    rotate: Mutation<In<typeof api.rotateWebhookInput>, Out<typeof api.createdWebhookSchema>>;
    delete: Mutation<In<typeof api.webhookRefInput>, { deleted: true }>;
    requests: Query<In<typeof api.listWebhookRequestsInput>, Page<api.WebhookRequest>>;
    /** What a request would become; nothing is written. */
    preview: Mutation<In<typeof api.previewWebhookInput>, api.WebhookPreview>;
  };
  failures: {
    list: Query<In<typeof api.listFailureGroupsInput>, Page<api.FailureGroup>>;
    get: Query<In<typeof api.failureGroupRefInput>, api.FailureGroupDetail>;
    acknowledge: Mutation<In<typeof api.failureGroupRefInput>, api.FailureGroupDetail>;
    assign: Mutation<In<typeof api.assignFailureGroupInput>, api.FailureGroupDetail>;
    mute: Mutation<In<typeof api.muteFailureGroupInput>, api.FailureGroupDetail>;
    resolve: Mutation<In<typeof api.resolveFailureGroupInput>, api.FailureGroupDetail>;
    reopen: Mutation<In<typeof api.failureGroupRefInput>, api.FailureGroupDetail>;
    /** A bulk job, to be followed there. */
    retry: Mutation<In<typeof api.retryFailureGroupInput>, api.BulkJob>;
  };
  incidents: {
    list: Query<In<typeof api.listIncidentsInput>, Page<api.Incident>>;
    get: Query<In<typeof api.incidentRefInput>, api.IncidentDetail>;
    declare: Mutation<In<typeof api.declareIncidentInput>, api.IncidentDetail>;
    update: Mutation<In<typeof api.updateIncidentInput>, api.IncidentDetail>;
    comment: Mutation<In<typeof api.commentIncidentInput>, api.IncidentDetail>;
    link: Mutation<In<typeof api.linkIncidentInput>, api.IncidentDetail>;
    unlink: Mutation<In<typeof api.unlinkIncidentInput>, api.IncidentDetail>;
    resolve: Mutation<In<typeof api.endIncidentInput>, api.IncidentDetail>;
    reopen: Mutation<In<typeof api.endIncidentInput>, api.IncidentDetail>;
  };
  notifications: {
    channels: Query<void, api.Channel[]>;
    create: Mutation<In<typeof api.createChannelInput>, api.SavedChannel>;
    update: Mutation<In<typeof api.updateChannelInput>, api.SavedChannel>;
    delete: Mutation<In<typeof api.channelRefInput>, { deleted: true }>;
    test: Mutation<In<typeof api.channelRefInput>, api.Delivery>;
    deliveries: Query<In<typeof api.listDeliveriesInput>, Page<api.Delivery>>;
    resend: Mutation<In<typeof api.deliveryRefInput>, api.Delivery>;
  };
  runs: {
    create: Mutation<In<typeof api.createRunInput>, api.RunSummary>;
    createMany: Mutation<In<typeof api.createRunsInput>, Out<typeof api.createdRunsSchema>>;
    list: Query<In<typeof api.listRunsInput>, Out<typeof api.runPageSchema>>;
    count: Query<In<typeof api.countRunsInput>, Out<typeof api.runCountSchema>>;
    history: Query<In<typeof api.runHistoryInput>, api.RunHistory>;
    get: Query<RunRef, api.RunDetail>;
    questions: Query<In<typeof api.listQuestionsInput>, Page<api.Question>>;
    explain: Query<RunRef, api.Explanation>;
    children: Query<In<typeof api.listChildrenInput>, Page<api.ChildRunSummary>>;
    retry: Mutation<In<typeof api.retryRunInput>, api.RunSummary>;
    cancel: Mutation<In<typeof api.moveRunInput>, api.RunSummary>;
    pause: Mutation<In<typeof api.holdRunInput>, api.RunSummary>;
    suspend: Mutation<In<typeof api.holdRunInput>, api.RunSummary>;
    resume: Mutation<In<typeof api.resumeRunInput>, api.RunSummary>;
    setState: Mutation<In<typeof api.setRunStateInput>, api.RunSummary>;
    delete: Mutation<RunRef, { deleted: true }>;
    taskRuns: Query<In<typeof api.listTaskRunsInput>, Page<api.TaskRun>>;
    logs: Query<In<typeof api.listLogsInput>, Out<typeof api.logPageSchema>>;
    artifacts: Query<RunRef, { items: api.StoredArtifact[] }>;
  };
};

type Root = {
  ctx: object;
  meta: object;
  errorShape: TRPCDefaultErrorShape & { data: { signalbox: ErrorBody } };
  transformer: false;
};

/** What `createClient()` of the SDK and the console are typed by. */
export type AppRouter = TRPCBuiltRouter<Root, TRPCDecorateCreateRouterOptions<Procedures>>;
