import type { ErrorBody, RunId } from '@signalbox/proto';
import { isTerminal } from '@signalbox/proto';
import * as api from '@signalbox/proto/api';
import { initTRPC, TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { FakeState } from './fake-control-plane.ts';
import * as made from './made.ts';

class Refusal extends Error {
  readonly body: ErrorBody;
  constructor(body: ErrorBody) {
    super(body.message);
    this.body = body;
  }
}

const TRPC_CODE = {
  INVALID_INPUT: 'BAD_REQUEST',
  UNAUTHENTICATED: 'UNAUTHORIZED',
  FORBIDDEN: 'FORBIDDEN',
  NOT_FOUND: 'NOT_FOUND',
  CONFLICT: 'CONFLICT',
  PRECONDITION_FAILED: 'PRECONDITION_FAILED',
  LIMIT_EXCEEDED: 'TOO_MANY_REQUESTS',
  UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  INTERNAL: 'INTERNAL_SERVER_ERROR',
} as const;

function refuse(body: ErrorBody): never {
  throw new TRPCError({ code: TRPC_CODE[body.code], message: body.message, cause: new Refusal(body) });
}

/** Every procedure of the control plane, over the test's state. */
export function createFakeRouter(state: FakeState) {
  const t = initTRPC.context<{ headers: Record<string, string | string[] | undefined> }>().create({
    errorFormatter: ({ shape, error }) => ({
      ...shape,
      data: {
        ...shape.data,
        signalbox: error.cause instanceof Refusal ? error.cause.body : { code: 'INTERNAL' as const, message: error.message },
      },
    }),
  });
  const open = t.procedure.use(async ({ path, ctx, getRawInput, next }) => {
    state.calls.push({ path, input: await getRawInput(), headers: ctx.headers });
    const failure = state.failures.shift();
    if (failure) refuse(failure);
    return next();
  });
  const signedIn = open.use(({ ctx, next }) => {
    if (ctx.headers.authorization !== `Bearer ${state.apiKey}`)
      refuse({ code: 'UNAUTHENTICATED', message: 'Sign in, or send an API key.' });
    return next();
  });
  const findDeployment = (ref: string) =>
    state.deployments.find((each) => each.id === ref || `${each.flow.name}/${each.name}` === ref) ??
    refuse({ code: 'NOT_FOUND', message: `No deployment "${ref}" in this workspace.` });
  const changed = (deployment: api.Deployment) => ({
    deployment,
    created: false,
    changes: ['digest: sha256:1 -> sha256:2', 'timeoutMs: 300000 -> 900000', 'schedule cron-1: none -> 0 6 * * * (UTC)'],
    diff: [
      { path: 'digest', before: 'sha256:1', after: 'sha256:2', hiddenBy: null },
      { path: 'timeoutMs', before: 300_000, after: 900_000, hiddenBy: made.overlayEntry() },
    ],
    schedules: ['schedule cron-1: none -> 0 6 * * * (UTC)'],
    owned: ['service level "weather daily completion": seconds 60 -> 90', 'trigger "on arrival": removed'],
    warnings: [],
  });
  const deployed = (input: { name: string; flow: string }) => {
    const before = state.deployments.find((each) => each.flow.name === input.flow && each.name === input.name);
    if (before) return changed(before);
    const deployment = made.deployment({ name: input.name, flow: { ...made.deployment().flow, name: input.flow } });
    return { deployment, created: true, changes: [], diff: [], schedules: [], warnings: [] };
  };
  const findRun = (run: RunId) => state.runs.get(run) ?? refuse({ code: 'NOT_FOUND', message: `No run "${run}" in this workspace.` });
  const page = <T>(items: T[]) => ({ items, nextCursor: null as string | null });
  const retention = made.retention();
  const pools = [made.pool()];
  const findPool = (ref: string) =>
    pools.find((each) => each.name === ref) ?? refuse({ code: 'NOT_FOUND', message: `No work pool "${ref}" in this workspace.` });
  const findLimit = (ref: string) =>
    ref === 'db' ? made.limit() : refuse({ code: 'NOT_FOUND', message: `No limit "${ref}" in this workspace.` });
  const agents = [made.agent()];
  const findAgent = (ref: string) =>
    agents.find((each) => each.id === ref) ?? refuse({ code: 'NOT_FOUND', message: `No agent "${ref}" in this workspace.` });
  const keys = [made.apiKey()];
  const home = made.workspace();

  return t.router({
    me: {
      get: signedIn.query(() => ({
        actor: { kind: 'user' as const, id: 'usr_01h455vb4pex5vsknk084sn02q' as const, email: 'owner@example.com', name: 'Owner' },
        workspace: home,
        scopes: ['runs:read', 'runs:write'],
        objects: [],
        organization: null,
      })),
    },
    workspaces: {
      list: signedIn.query(() => [home, made.workspace('staging')]),
      create: signedIn.input(api.createWorkspaceInput).mutation(({ input }) => ({ ...made.workspace(input.slug), name: input.name })),
    },
    audit: {
      list: signedIn.input(api.listAuditInput).query(() => page([])),
      verify: signedIn.input(api.verifyAuditInput).query(({ input }) => ({
        links: 1,
        entries: 3,
        purged: 0,
        problems: input.from === 1 && state.auditProblem ? [{ link: 1, what: state.auditProblem }] : [],
        unsealed: 0,
        sealedUntil: null,
        head: { link: 1, hash: 'ab'.repeat(32) },
        next: null,
      })),
    },
    apiKeys: {
      list: signedIn.query(() => keys),
      create: signedIn
        .input(api.createApiKeyInput)
        .mutation(({ input }) => ({ key: made.apiKey({ name: input.name, role: input.role ?? 'developer' }), secret: 'sbk_secret' })),
      rotate: signedIn
        .input(api.rotateApiKeyInput)
        .mutation(() => ({ key: made.apiKey({ prefix: 'sbk_next' }), secret: 'sbk_next_secret' })),
      revoke: signedIn.input(z.object({ key: z.string() })).mutation(() => made.apiKey({ revokedAt: new Date().toISOString() })),
    },
    login: {
      look: signedIn.input(z.object({ code: z.string() })).query(() => ({
        host: 'adas-laptop' as string | null,
        address: '192.0.2.1' as string | null,
        startedAt: new Date().toISOString(),
      })),
      start: open.mutation(() => ({
        code: 'BCDF-GHJK',
        deviceCode: 'sbd_1',
        url: state.loginUrl,
        expiresInSeconds: 600,
        intervalSeconds: 0.01,
      })),
      poll: open
        .input(z.object({ deviceCode: z.string() }))
        .mutation(
          () => (state.loginReplies.length > 1 ? state.loginReplies.shift() : state.loginReplies[0]) ?? { status: 'expired' as const },
        ),
      approve: signedIn.input(z.object({ code: z.string() })).mutation(() => ({ approved: true as const })),
    },
    flows: { list: signedIn.query(() => page([])) },
    deployments: {
      deploy: signedIn.input(api.deployInput).mutation(({ input }) => {
        const reply = deployed(input);
        if (reply.created) state.deployments.push(reply.deployment);
        return reply;
      }),
      plan: signedIn.input(api.deployInput).mutation(({ input }) => deployed(input)),
      describe: signedIn.input(api.deploymentRefInput).query(({ input }) => findDeployment(input.deployment) && made.described()),
      setOverlay: signedIn.input(api.setOverlayInput).mutation(({ input }) => findDeployment(input.deployment) && made.described()),
      resetOverlay: signedIn.input(api.resetOverlayInput).mutation(({ input }) => findDeployment(input.deployment) && made.described()),
      versions: signedIn.input(api.listVersionsInput).query(({ input }) => page(findDeployment(input.deployment) && [made.version()])),
      rollback: signedIn.input(api.rollbackInput).mutation(({ input }) => changed(findDeployment(input.deployment))),
      list: signedIn.input(api.listDeploymentsInput).query(() => page(state.deployments)),
      get: signedIn.input(api.deploymentRefInput).query(({ input }) => findDeployment(input.deployment)),
      pause: signedIn.input(api.pauseDeploymentInput).mutation(({ input }) => ({ ...findDeployment(input.deployment), paused: true })),
      resume: signedIn.input(api.deploymentRefInput).mutation(({ input }) => ({ ...findDeployment(input.deployment), paused: false })),
      delete: signedIn.input(api.deploymentRefInput).mutation(({ input }) => {
        const found = findDeployment(input.deployment);
        state.deployments = state.deployments.filter((each) => each !== found);
        return { deleted: true as const };
      }),
    },
    schedules: {
      preview: signedIn.input(api.previewScheduleInput).query(({ input }) => {
        const fires = Array.from({ length: input.count }, (_, n) => `2026-03-0${n + 1}T06:00:00.000Z`);
        return { fires, timezone: 'UTC', upcoming: fires.map((at) => made.upcomingFire({ at, dueAt: at })) };
      }),
      upcoming: signedIn.input(api.upcomingFiresInput).query(() => ({
        timezone: 'Europe/Berlin',
        fires: [made.upcomingFire(), made.upcomingFire({ fires: false, reason: 'calendar business: closed, Christmas' })],
      })),
      fires: signedIn.input(api.listFiresInput).query(({ input }) =>
        page<api.Fire>([
          {
            at: '2026-03-01T06:00:00.000Z',
            until: null,
            outcome: 'skipped',
            reason: `of ${input.schedule}`,
            run: null,
            decidedAt: '2026-03-01T06:00:00.000Z',
          },
        ]),
      ),
      findings: signedIn.input(api.listFindingsInput).query((): api.AuditFinding[] => []),
      create: signedIn
        .input(api.createScheduleInput)
        .mutation(({ input: { deployment, ...input } }) =>
          made.schedule({ ...input, origin: 'operator', deployment: { ...made.schedule().deployment, id: findDeployment(deployment).id } }),
        ),
      update: signedIn.input(api.updateScheduleInput).mutation(({ input }) => made.schedule({ id: input.schedule })),
      delete: signedIn.input(api.scheduleRefInput).mutation(() => ({ deleted: true as const })),
      skip: signedIn
        .input(api.skipFireInput)
        .mutation(({ input }) =>
          made.upcomingFire({ at: input.at, fires: false, skip: { by: 'owner@example.com', reason: input.reason } }),
        ),
      unskip: signedIn.input(api.unskipFireInput).mutation(({ input }) => made.upcomingFire({ at: input.at })),
      setActive: signedIn
        .input(api.setScheduleActiveInput)
        .mutation(({ input }) => made.schedule({ id: input.schedule, active: input.active })),
    },
    usage: {
      get: signedIn.query(() => made.usage()),
      history: signedIn
        .input(api.usageHistoryInput)
        .query(() => ({ items: [{ at: made.AT, kind: 'runs' as const, used: 12, refused: 3 }] })),
    },
    retention: {
      get: signedIn.query(() => retention),
      set: signedIn.input(api.setRetentionInput).mutation(({ input }) => made.retention({ days: input.days })),
      hold: signedIn.input(api.placeHoldInput).mutation(({ input }) => made.legalHold(input)),
      release: signedIn
        .input(api.releaseHoldInput)
        .mutation(({ input }) =>
          made.legalHold({ id: input.hold, releasedBy: 'owner@example.com', releasedAt: made.legalHold().createdAt }),
        ),
    },
    calendars: {
      list: signedIn.query(() => [made.calendar()]),
      get: signedIn.input(api.calendarRefInput).query(({ input }) => made.calendar({ name: input.calendar })),
      create: signedIn.input(api.createCalendarInput).mutation(({ input }) => made.calendar(input)),
      update: signedIn
        .input(api.updateCalendarInput)
        .mutation(({ input }) => made.calendar({ rules: input.rules ?? made.calendar().rules })),
      delete: signedIn.input(api.calendarRefInput).mutation(() => ({ deleted: true as const })),
    },
    backfills: {
      list: signedIn.input(api.listBackfillsInput).query(() => page([made.backfill()])),
      // One that was made here has ended by the time that it is asked for.
      get: signedIn.input(api.backfillRefInput).query(({ input }) =>
        made.backfill({
          id: input.backfill,
          ...(state.calls.some(({ path }) => path === 'backfills.create') ? { state: 'done', live: 0, made: 30 } : {}),
        }),
      ),
      create: signedIn
        .input(api.createBackfillInput)
        .mutation(({ input: { order, maxInFlight } }) => made.backfill({ order, maxInFlight, made: 0 })),
      pause: signedIn.input(api.backfillRefInput).mutation(({ input }) => made.backfill({ id: input.backfill, state: 'paused' })),
      resume: signedIn.input(api.backfillRefInput).mutation(({ input }) => made.backfill({ id: input.backfill })),
      cancel: signedIn.input(api.cancelBackfillInput).mutation(({ input }) => made.backfill({ id: input.backfill, state: 'cancelled' })),
    },
    workPools: {
      list: signedIn.input(api.listWorkPoolsInput).query(() => page(pools)),
      get: signedIn.input(api.workPoolRefInput).query(({ input }) => findPool(input.pool)),
      create: signedIn.input(api.createWorkPoolInput).mutation(({ input }) => made.pool(input)),
      update: signedIn
        .input(api.updateWorkPoolInput)
        .mutation(({ input }) => ({ ...findPool(input.pool), concurrencyLimit: input.concurrencyLimit ?? null })),
      pause: signedIn.input(api.workPoolRefInput).mutation(({ input }) => ({ ...findPool(input.pool), paused: true })),
      resume: signedIn.input(api.workPoolRefInput).mutation(({ input }) => findPool(input.pool)),
      delete: signedIn.input(api.workPoolRefInput).mutation(({ input }) => ({ deleted: findPool(input.pool) && (true as const) })),
      getTemplate: signedIn.input(api.workPoolRefInput).query(({ input }) => made.poolTemplate({ pool: findPool(input.pool).name })),
      setTemplate: signedIn
        .input(api.setPoolTemplateInput)
        .mutation(({ input }) => made.poolTemplate({ pool: findPool(input.pool).name, custom: input.template !== null })),
      upsertQueue: signedIn.input(api.upsertWorkQueueInput).mutation(({ input }) => findPool(input.pool)),
      moveQueue: signedIn.input(api.moveWorkQueueInput).mutation(({ input }) => findPool(input.pool)),
      pauseQueue: signedIn.input(api.workQueueRefInput).mutation(({ input }) => findPool(input.pool)),
      resumeQueue: signedIn.input(api.workQueueRefInput).mutation(({ input }) => findPool(input.pool)),
      deleteQueue: signedIn.input(api.workQueueRefInput).mutation(({ input }) => findPool(input.pool)),
      slots: signedIn.input(api.listSlotsInput).query((): { items: api.SlotHolder[]; nextCursor: string | null } => page([])),
    },
    limits: {
      list: signedIn.input(api.listLimitsInput).query(() => page([made.limit()])),
      get: signedIn.input(api.limitRefInput).query(({ input }) => findLimit(input.limit)),
      holders: signedIn.input(api.limitOccupantsInput).query(() => page([made.limitHolder()])),
      waiters: signedIn.input(api.limitOccupantsInput).query(() => page([{ ...made.limitHolder(), isSilent: false }])),
      create: signedIn.input(api.createLimitInput).mutation(({ input }) => made.limit(input)),
      ensure: signedIn
        .input(api.ensureLimitsInput)
        .mutation(({ input }) => ({ limits: input.limits.map(({ name }) => ({ name, created: true, differs: [] as string[] })) })),
      update: signedIn.input(api.updateLimitInput).mutation(({ input }) => ({
        ...findLimit(input.limit),
        ...(input.slots === undefined ? {} : { slots: input.slots }),
        ...(input.active === undefined ? {} : { active: input.active }),
      })),
      freeSlots: signedIn.input(api.freeSlotsInput).mutation(({ input }) => ({ ...findLimit(input.limit), taken: 0 })),
      delete: signedIn.input(api.limitRefInput).mutation(({ input }) => ({ deleted: findLimit(input.limit) && (true as const) })),
    },
    variables: {
      list: signedIn.input(api.listVariablesInput).query(() => page([made.variable()])),
      get: signedIn.input(api.variableRefInput).query(({ input }) => made.variable(input)),
      set: signedIn
        .input(api.setVariableInput)
        .mutation(({ input: { name, value, description = '', tags = [] } }) => made.variable({ name, value, description, tags })),
      delete: signedIn.input(api.variableRefInput).mutation(() => ({ deleted: true as const })),
    },
    automations: {
      list: signedIn.input(api.listAutomationsInput).query(() => page([made.automation()])),
      get: signedIn.input(api.automationRefInput).query(() => made.automation()),
      create: signedIn.input(api.automationDefinitionSchema).mutation(({ input }) => made.automation(input)),
      update: signedIn.input(api.updateAutomationInput).mutation(() => made.automation()),
      upsert: signedIn
        .input(api.automationDefinitionSchema)
        .mutation(({ input }) => ({ outcome: 'created' as const, changes: ['name'], automation: made.automation(input) })),
      delete: signedIn.input(api.automationRefInput).mutation(() => ({ deleted: true as const })),
      enable: signedIn.input(api.automationRefInput).mutation(() => made.automation({ enabled: true })),
      disable: signedIn.input(api.automationRefInput).mutation(() => made.automation({ enabled: false })),
      reset: signedIn.input(api.automationRefInput).mutation(() => made.automation()),
      firings: signedIn.input(api.listFiringsInput).query(() => page([made.automationFiring()])),
      firing: signedIn.input(api.firingRefInput).query(() => made.automationFiring()),
      preview: signedIn.input(api.previewActionsInput).query(() => ({ event: null, actions: [] })),
      signingSecret: signedIn.query(() => ({ secret: 'whsec_dGVzdA==' })),
      retryAction: signedIn.input(api.retryActionInput).mutation(() => made.automationFiring()),
      test: signedIn.input(api.testAutomationInput).query(() => ({ since: '2026-01-01T00:00:00.000Z', events: 12, count: 0, firings: [] })),
    },
    events: {
      list: signedIn.input(api.listEventsInput).query(({ input: { after, cursor, text, limit } }) => {
        // A text is found by going on from where the first page ended.
        if (text !== undefined && cursor === undefined) return { items: [], nextCursor: '1', searchedTo: '2026-01-01T00:00:00.000Z' };
        const items = after === undefined ? state.events.toReversed() : state.events.filter(({ position }) => position > after);
        return { ...page(items.slice(0, limit)), searchedTo: null };
      }),
    },
    blocks: {
      types: signedIn.query(() => [made.blockType()]),
      setType: signedIn.input(api.setBlockTypeInput).mutation(({ input }) => made.blockType(input)),
      deleteType: signedIn.input(api.blockTypeRefInput).mutation(() => ({ deleted: true as const })),
      list: signedIn.input(api.listBlocksInput).query(() => page([made.block()])),
      get: signedIn.input(api.blockRefInput).query(({ input }) => made.block(input)),
      set: signedIn.input(api.setBlockInput).mutation(({ input: { type, name, value } }) => made.block({ type, name, value })),
      delete: signedIn.input(api.blockRefInput).mutation(() => ({ deleted: true as const })),
    },
    assets: {
      list: signedIn.input(api.listAssetsInput).query(() => page([made.asset()])),
      get: signedIn.input(api.assetRefInput).query(({ input }) => made.asset(input)),
      materializations: signedIn.input(api.listMaterializationsInput).query(() => ({ items: [made.materialization()] })),
      graph: signedIn.input(api.assetGraphInput).query(({ input }) => made.assetGraph(input.uri)),
      delete: signedIn.input(api.assetRefInput).mutation(() => ({ deleted: true as const })),
    },
    incidents: {
      list: signedIn
        .input(api.listIncidentsInput)
        .query(({ input: { cursor } }) => ({ ...page([made.incident()]), nextCursor: cursor === undefined ? 'inc_next' : null })),
      get: signedIn.input(api.incidentRefInput).query(() => made.incident()),
      declare: signedIn
        .input(api.declareIncidentInput)
        .mutation(({ input: { title, severity, summary } }) => made.incident({ title, severity, summary })),
      update: signedIn
        .input(api.updateIncidentInput)
        .mutation(({ input: { status = 'open', severity = 'high' } }) => made.incident({ status, severity })),
      comment: signedIn.input(api.commentIncidentInput).mutation(() => made.incident()),
      link: signedIn.input(api.linkIncidentInput).mutation(() => made.incident()),
      unlink: signedIn.input(api.unlinkIncidentInput).mutation(() => made.incident()),
      resolve: signedIn.input(api.endIncidentInput).mutation(() => made.incident({ status: 'resolved' })),
      reopen: signedIn.input(api.endIncidentInput).mutation(() => made.incident({ status: 'investigating' })),
    },
    slas: {
      list: signedIn.input(api.listSlasInput).query(() => [made.sla()]),
      create: signedIn.input(api.createSlaInput).mutation(({ input: { name } }) => made.sla({ name })),
      update: signedIn.input(api.updateSlaInput).mutation(({ input: { sla: _, ...change } }) => made.sla(change)),
      delete: signedIn.input(api.slaRefInput).mutation(() => ({ deleted: true as const })),
      violations: signedIn.input(api.listSlaViolationsInput).query(() => page([made.slaViolation()])),
    },
    webhooks: {
      list: signedIn.query(() => [made.webhook()]),
      create: signedIn
        .input(api.createWebhookInput)
        .mutation(({ input: { name } }) => ({ webhook: made.webhook({ name }), url: 'http://localhost/hooks/new' })),
      update: signedIn.input(api.updateWebhookInput).mutation(({ input: { isEnabled = true } }) => made.webhook({ isEnabled })),
      rotate: signedIn.input(api.rotateWebhookInput).mutation(() => ({ webhook: made.webhook(), url: 'http://localhost/hooks/rotated' })),
      delete: signedIn.input(api.webhookRefInput).mutation(() => ({ deleted: true as const })),
      requests: signedIn.input(api.listWebhookRequestsInput).query(() => page([made.webhookRequest()])),
      preview: signedIn.input(api.previewWebhookInput).mutation(({ input: { request } }) => ({
        events: [{ name: 'order.paid', resource: { id: 'order/1' }, payload: JSON.parse(request.body), occurredAt: null }],
        problem: request.headers['x-bad'] ? 'a bad header' : null,
      })),
    },
    failures: {
      list: signedIn.input(api.listFailureGroupsInput).query(() => page([made.failureGroup()])),
      get: signedIn.input(api.failureGroupRefInput).query(() => made.failureGroup()),
      acknowledge: signedIn.input(api.failureGroupRefInput).mutation(() => made.failureGroup({ status: 'acknowledged' })),
      assign: signedIn.input(api.assignFailureGroupInput).mutation(({ input: { owner } }) => made.failureGroup({ owner })),
      mute: signedIn
        .input(api.muteFailureGroupInput)
        .mutation(({ input: { until } }) => made.failureGroup({ status: until ? 'muted' : 'open', mutedUntil: until })),
      resolve: signedIn.input(api.resolveFailureGroupInput).mutation(() => made.failureGroup({ status: 'resolved' })),
      reopen: signedIn.input(api.failureGroupRefInput).mutation(() => made.failureGroup()),
      retry: signedIn.input(api.retryFailureGroupInput).mutation(() => made.bulkJob({ action: 'retry' })),
    },
    notifications: {
      channels: signedIn.query(() => [made.channel()]),
      create: signedIn.input(api.createChannelInput).mutation(() => ({ channel: made.channel(), secret: null })),
      update: signedIn.input(api.updateChannelInput).mutation(() => ({ channel: made.channel(), secret: null })),
      delete: signedIn.input(api.channelRefInput).mutation(() => ({ deleted: true as const })),
      test: signedIn.input(api.channelRefInput).mutation(() => made.delivery()),
      deliveries: signedIn.input(api.listDeliveriesInput).query(() => page([made.delivery()])),
      resend: signedIn.input(api.deliveryRefInput).mutation(() => made.delivery()),
    },
    agents: {
      list: signedIn.input(api.listAgentsInput).query(() => page(agents)),
      get: signedIn.input(api.agentRefInput).query(({ input }) => findAgent(input.agent)),
      createJoinCode: signedIn.input(api.createJoinCodeInput).mutation(({ input }) => ({
        id: 'join_01h455vb4pex5vsknk084sn02q' as const,
        code: 'sbj_1',
        expiresAt: new Date(Date.now() + input.expiresInMinutes * 60_000).toISOString(),
        command: 'npx @signalbox/agent start --join-code sbj_1',
      })),
      revoke: signedIn.input(api.agentRefInput).mutation(({ input }) => ({ ...findAgent(input.agent), status: 'revoked' as const })),
      drain: signedIn.input(api.agentRefInput).mutation(({ input }) => ({ ...findAgent(input.agent), status: 'draining' as const })),
      quarantine: signedIn
        .input(api.agentRefInput)
        .mutation(({ input }) => ({ ...findAgent(input.agent), status: 'quarantined' as const })),
      release: signedIn.input(api.agentRefInput).mutation(({ input }) => ({ ...findAgent(input.agent), status: 'online' as const })),
    },
    bulk: {
      preview: signedIn.input(api.previewBulkInput).query(() => ({ count: state.runs.size, isMore: false })),
      cancel: signedIn.input(api.startBulkInput).mutation(({ input }) => made.bulkJob({ action: 'cancel', filter: input.filter })),
      retry: signedIn.input(api.startBulkRetryInput).mutation(({ input }) => made.bulkJob({ action: 'retry', filter: input.filter })),
      delete: signedIn.input(api.startBulkInput).mutation(({ input }) => made.bulkJob({ action: 'delete', filter: input.filter })),
      setState: signedIn
        .input(api.startBulkSetStateInput)
        .mutation(({ input }) => made.bulkJob({ action: 'set-state', filter: input.filter })),
      list: signedIn.input(api.listBulkJobsInput).query(() => page([made.bulkJob({})])),
      get: signedIn.input(api.bulkJobRefInput).query(({ input }) => made.bulkJob({ id: input.job, status: 'done', done: 2 })),
      pause: signedIn.input(api.bulkJobRefInput).mutation(({ input }) => made.bulkJob({ id: input.job, status: 'paused' })),
      resume: signedIn.input(api.bulkJobRefInput).mutation(({ input }) => made.bulkJob({ id: input.job })),
      stop: signedIn.input(api.bulkJobRefInput).mutation(({ input }) => made.bulkJob({ id: input.job, status: 'cancelled' })),
    },
    runs: {
      count: signedIn.input(api.countRunsInput).query(() => ({ count: state.runs.size, isMore: false })),
      history: signedIn.input(api.runHistoryInput).query((): api.RunHistory => ({ bucketMs: 1, buckets: [] })),
      createMany: signedIn.input(api.createRunsInput).mutation(({ input }) => ({ runs: input.runs.map(() => made.run({}).id) })),
      create: signedIn.input(api.createRunInput).mutation(({ input }) => {
        const deployment = findDeployment(input.deployment);
        const detail = made.run({
          flow: deployment.flow,
          deployment: { id: deployment.id, name: deployment.name },
          parameters: { encoding: 'json', body: { ...deployment.parameters, ...input.parameters } },
          tags: input.tags,
          ...(input.name ? { name: input.name } : {}),
          ...(input.dueAt ? { dueAt: input.dueAt } : {}),
        });
        state.runs.set(detail.id, { detail, tasks: [], logs: [] });
        return detail;
      }),
      list: signedIn.input(api.listRunsInput).query(({ input }) => {
        const all = [...state.runs.values()].map((each) => each.detail);
        return page(
          all.filter(
            (run) =>
              (!input.states || input.states.includes(run.state.type)) &&
              (!input.search || run.name.includes(input.search) || run.id === input.search),
          ),
        );
      }),
      get: signedIn.input(api.runRefInput).query(({ input }) => findRun(input.run).detail),
      explain: signedIn.input(api.runRefInput).query(({ input }): api.Explanation => {
        const { id, state } = findRun(input.run).detail;
        return { run: id, state, at: state.at, blockers: [] };
      }),
      questions: signedIn.input(api.listQuestionsInput).query(() => page([made.question()])),
      children: signedIn.input(api.listChildrenInput).query(({ input }) => page(findRun(input.run).detail.children)),
      cancel: signedIn.input(api.moveRunInput).mutation(({ input }) => ({ ...findRun(input.run).detail, state: made.state('CANCELLING') })),
      retry: signedIn.input(api.retryRunInput).mutation(({ input }) => ({ ...findRun(input.run).detail, attempt: 2 })),
      pause: signedIn.input(api.holdRunInput).mutation(({ input }) => findRun(input.run).detail),
      suspend: signedIn.input(api.holdRunInput).mutation(({ input }) => findRun(input.run).detail),
      resume: signedIn.input(api.resumeRunInput).mutation(({ input }) => {
        state.resumed.push(input);
        return { ...findRun(input.run).detail, state: made.state('RUNNING') };
      }),
      setState: signedIn
        .input(api.setRunStateInput)
        .mutation(({ input }) => ({ ...findRun(input.run).detail, state: made.state(input.type) })),
      delete: signedIn.input(api.runRefInput).mutation(({ input }) => {
        if (!isTerminal(findRun(input.run).detail.state.type))
          refuse({ code: 'PRECONDITION_FAILED', message: 'The run has not ended. Cancel it first.' });
        state.runs.delete(input.run);
        return { deleted: true as const };
      }),
      taskRuns: signedIn.input(api.listTaskRunsInput).query(({ input }) => page(findRun(input.run).tasks)),
      logs: signedIn.input(api.listLogsInput).query(({ input }) => {
        const { logs } = findRun(input.run);
        const from = input.after === undefined ? 0 : logs.findIndex((line) => line.position === input.after) + 1;
        return { lines: logs.slice(from, from + input.limit), next: null as string | null };
      }),
      artifacts: signedIn.input(api.runRefInput).query(() => ({ items: [] as api.StoredArtifact[] })),
    },
  });
}
