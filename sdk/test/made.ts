/** Things as the API answers them, with what a test does not care about filled in. */
import type { RunId, RunState } from '@signalbox/proto';
import { toId, uuidv7 } from '@signalbox/proto';
import type {
  Agent,
  ApiKey,
  Asset,
  AssetGraph,
  Automation,
  AutomationFiring,
  Backfill,
  Block,
  BlockType,
  BulkJob,
  Calendar,
  Channel,
  Delivery,
  Deployment,
  DeploymentVersion,
  DescribedDeployment,
  FailureGroupDetail,
  IncidentDetail,
  LegalHold,
  Limit,
  LimitHolder,
  Materialization,
  OverlayEntry,
  Question,
  Retention,
  RunDetail,
  Schedule,
  ShownPoolTemplate,
  Sla,
  SlaViolation,
  StoredLogLine,
  TaskRun,
  UpcomingFire,
  Usage,
  Variable,
  Webhook,
  WebhookRequest,
  WorkPool,
  Workspace,
} from '@signalbox/proto/api';

import { calendarRulesSchema, scheduleRulesSchema, triggerSchema } from '@signalbox/proto/api';

export const AT = '2026-03-01T12:00:00.000Z';

function id<K extends Parameters<typeof toId>[0]>(kind: K) {
  return toId(kind, uuidv7(Date.parse(AT)));
}

export function workspace(slug = 'default'): Workspace {
  return {
    id: id('workspace'),
    slug,
    name: slug,
    organization: { id: id('organization'), slug: 'local', name: 'Local' },
    role: 'owner',
    createdAt: AT,
    purgeAt: null,
  };
}

export function schedule(over: Partial<Schedule> = {}): Schedule {
  return {
    id: id('schedule'),
    deployment: { id: id('deployment'), name: 'daily' },
    slug: 'cron-1',
    spec: { kind: 'cron', cron: '0 6 * * *', timezone: 'UTC' },
    parameters: {},
    origin: 'code',
    active: true,
    ...scheduleRulesSchema.parse({}),
    retryAt: null,
    nextFireAt: '2026-03-02T06:00:00.000Z',
    problem: null,
    ...over,
  };
}

export function deployment(over: Partial<Deployment> = {}): Deployment {
  return {
    id: id('deployment'),
    name: 'daily',
    flow: { id: id('flow'), name: 'weather' },
    kind: 'flow',
    description: 'Monthly figures',
    tags: ['demo'],
    pool: { id: id('workPool'), name: 'local' },
    queue: 'default',
    source: { kind: 'path', root: '/srv/weather', entrypoint: 'flow.ts', exportName: 'weather' },
    digest: 'sha256:1',
    version: 1,
    parameterSchema: {
      type: 'object',
      properties: { years: { type: 'array', items: { type: 'integer' } }, city: { type: 'string' }, threshold: { type: 'number' } },
      required: ['years'],
    },
    parameters: { years: [2012] },
    retry: { retries: 0, delaysMs: [0] },
    timeoutMs: null,
    concurrencyLimit: null,
    concurrency: null,
    paused: false,
    overridden: 0,
    schedules: [schedule()],
    createdAt: AT,
    updatedAt: AT,
    ...over,
  };
}

export function overlayEntry(over: Partial<OverlayEntry> = {}): OverlayEntry {
  return {
    path: 'timeoutMs',
    value: 600_000,
    removed: false,
    author: 'ada@example.com',
    reason: 'the warehouse is slow today',
    setAt: AT,
    expiresAt: null,
    ...over,
  };
}

export function described(): DescribedDeployment {
  const said = [
    { layer: 'default' as const, value: null, removed: false },
    { layer: 'code' as const, value: 300_000, removed: false },
    { layer: 'overlay' as const, value: 600_000, removed: false },
  ];
  const years = [{ layer: 'code' as const, value: [2012], removed: false }];
  return {
    deployment: 'weather/daily',
    digest: 'sha256:1',
    version: 3,
    fields: [
      {
        path: 'parameters.years',
        field: 'parameters',
        value: [2012],
        from: 'code',
        layers: years,
        overlay: null,
        overridable: true,
        input: 'json',
        about: 'Defaults.',
      },
      {
        path: 'timeoutMs',
        field: 'timeoutMs',
        value: 600_000,
        from: 'overlay',
        layers: said,
        overlay: overlayEntry(),
        overridable: true,
        input: 'duration',
        about: 'Time.',
      },
    ],
  };
}

export function version(over: Partial<DeploymentVersion> = {}): DeploymentVersion {
  const changes = ['digest: sha256:0 -> sha256:1'];
  return { number: 3, digest: 'sha256:1', current: true, deployedAt: AT, deployedBy: 'ada@example.com', changes, ...over };
}

export function poolTemplate(over: Partial<ShownPoolTemplate> = {}): ShownPoolTemplate {
  const variables = { type: 'object', properties: { memoryMb: { type: 'integer', default: 512 } } };
  const job = { nodeArgs: ['--max-old-space-size={{ memoryMb }}'] };
  return { pool: 'local', launcher: 'process', custom: true, template: { variables, job }, conflicts: [], ...over };
}

export function state(type: RunState['type'], name?: string, message?: string): RunState {
  return { type, name: name ?? `${type[0]}${type.slice(1).toLowerCase()}`, at: AT, ...(message ? { message } : {}) };
}

export function run(over: Partial<RunDetail> = {}): RunDetail {
  const from = deployment();
  return {
    id: id('run') as RunId,
    name: 'brave-otter',
    kind: 'flow',
    flow: from.flow,
    deployment: { id: from.id, name: from.name },
    state: state('SCHEDULED'),
    late: false,
    tags: [],
    createdBy: 'cli',
    attempt: 1,
    createdAt: AT,
    dueAt: AT,
    startedAt: null,
    endedAt: null,
    durationMs: null,
    parameters: { encoding: 'json', body: { years: [2012] } },
    variables: null,
    result: null,
    failure: null,
    digest: from.digest,
    pool: from.pool,
    queue: 'default',
    agent: null,
    states: [state('SCHEDULED')],
    attempts: [],
    waitingFor: [],
    pause: null,
    parent: null,
    children: [],
    childrenCursor: null,
    ...over,
  };
}

export function task(ordinal: number, name: string, type: TaskRun['state']['type'], over: Partial<TaskRun> = {}): TaskRun {
  return {
    epoch: 1,
    ordinal,
    kind: 'task',
    name,
    taskKey: name,
    parentOrdinal: null,
    upstream: [],
    state: { type, name: `${type[0]}${type.slice(1).toLowerCase()}`, message: null },
    failure: null,
    attempt: 1,
    startedAt: AT,
    endedAt: type === 'COMPLETED' || type === 'FAILED' ? AT : null,
    ...over,
  };
}

export function logLine(n: number, message: string, over: Partial<StoredLogLine> = {}): StoredLogLine {
  return { at: AT, level: 'info', stream: 'logger', taskOrdinal: null, message, epoch: 1, position: `1.${n}.0`, ...over };
}

export function pool(over: Partial<WorkPool> = {}): WorkPool {
  return {
    id: id('workPool'),
    name: 'local',
    launcher: 'process',
    description: 'This machine',
    concurrencyLimit: null,
    costPerHour: null,
    paused: false,
    status: 'ready',
    statusReason: '1 of 1 agents accept runs.',
    queues: [
      {
        id: id('workQueue'),
        name: 'default',
        priority: 1,
        concurrencyLimit: null,
        paused: false,
        fairBy: null,
        status: 'ready',
        slotsHeld: 0,
      },
    ],
    agents: { online: 1, total: 1 },
    slotsHeld: 0,
    waiting: 0,
    createdAt: AT,
    ...over,
  };
}

export function limit(over: Partial<Limit> = {}): Limit {
  return {
    id: id('limit'),
    name: 'db',
    description: 'The warehouse',
    slots: 2,
    active: true,
    decayPerSecond: null,
    taken: 2,
    waiting: 1,
    createdAt: AT,
    updatedAt: AT,
    ...over,
  };
}

export function limitHolder(): LimitHolder {
  return {
    run: { id: 'run_01h455vb4pex5vsknk084sn02q', name: 'brisk-otter' },
    task: { ordinal: 1, name: 'load' },
    slots: 1,
    since: AT,
    request: '0190a3c2-7b1e-4c3d-9f00-0a1b2c3d4e5f',
  };
}

export function agent(over: Partial<Agent> = {}): Agent {
  return {
    id: id('agent'),
    name: 'build-01',
    pool: { id: id('workPool'), name: 'local' },
    status: 'online',
    version: '0.1.0',
    host: { platform: 'linux' },
    slots: 4,
    held: 1,
    warm: 0,
    spoolBytes: 0,
    clockOffsetMs: 12,
    enrolled: { via: 'join-code', by: 'ada@example.com', from: '192.0.2.1' },
    lastSeenAt: AT,
    createdAt: AT,
    ...over,
  };
}

export function apiKey(over: Partial<ApiKey> = {}): ApiKey {
  return {
    id: id('apiKey'),
    name: 'ci',
    prefix: 'sbk_abcd',
    role: 'developer',
    scopes: [],
    organizationScopes: [],
    owner: null,
    replacedBy: null,
    createdAt: AT,
    expiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
    ...over,
  };
}

export function upcomingFire(over: Partial<UpcomingFire> = {}): UpcomingFire {
  const at = '2026-03-02T06:00:00.000Z';
  return { at, dueAt: at, local: '2026-03-02 06:00:00', fires: true, reason: null, skip: null, ...over };
}

export function legalHold(over: Partial<LegalHold> = {}): LegalHold {
  return {
    id: id('legalHold'),
    deployment: null,
    run: null,
    name: null,
    reason: 'case 4711',
    createdBy: 'owner@example.com',
    createdAt: AT,
    releasedBy: null,
    releasedAt: null,
    ...over,
  };
}

export function usage(): Usage {
  const limit = (span: 'minute' | 'day' | 'now', most: number | null, used: number) => ({
    span,
    most,
    used,
    resetAt: most === null || span === 'now' ? null : AT,
    source: 'default' as const,
    reason: null,
  });
  return {
    asOf: AT,
    kinds: [
      { kind: 'apiCalls', limits: [limit('minute', 100, 25), limit('day', null, 4_000)], refusedToday: 0 },
      { kind: 'runs', limits: [limit('minute', null, 0), limit('day', 50, 50)], refusedToday: 3 },
      { kind: 'agents', limits: [limit('now', 10, 2)], refusedToday: null },
    ],
    fixed: [{ name: 'Requests of one API key', most: 200, unit: 'a second' }],
  };
}

export function retention(over: Partial<Retention> = {}): Retention {
  return { days: 30, choices: [1, 3, 7, 14, 30, 60, 90, 180, 365], oldestRunAt: AT, holds: [legalHold()], ...over };
}

export function calendar(over: Partial<Calendar> = {}): Calendar {
  const rules = calendarRulesSchema.parse({ weekdays: [1, 2, 3, 4, 5], exclude: [{ day: '12-25', name: 'Christmas' }] });
  return {
    id: id('calendar'),
    name: 'business',
    description: '',
    timezone: 'UTC',
    rules,
    schedules: 1,
    createdAt: AT,
    updatedAt: AT,
    ...over,
  };
}

export function backfill(over: Partial<Backfill> = {}): Backfill {
  return {
    id: id('backfill'),
    deployment: { id: id('deployment'), name: 'daily', flow: 'weather' },
    schedule: { id: id('schedule'), slug: 'cron-1' },
    spec: { kind: 'cron', cron: '0 6 * * *', timezone: 'UTC' },
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-02-01T00:00:00.000Z',
    parameters: {},
    order: 'oldest',
    maxInFlight: 4,
    rerun: false,
    state: 'running',
    total: 31,
    made: 10,
    existing: 1,
    live: 4,
    problem: null,
    createdBy: 'owner@example.com',
    createdAt: AT,
    endedAt: null,
    ...over,
  };
}

export function bulkJob(over: Partial<BulkJob> = {}): BulkJob {
  return {
    id: id('bulkJob'),
    action: 'cancel',
    status: 'running',
    state: null,
    filter: {},
    filterText: '',
    reason: null,
    startedBy: 'ann@example.com',
    expected: { count: 2, isMore: false },
    done: 0,
    failed: 0,
    skipped: [],
    samples: [],
    problem: null,
    createdAt: AT,
    updatedAt: AT,
    endedAt: null,
    ...over,
  };
}

export function variable(changed: Partial<Variable> = {}): Variable {
  const at = '2026-01-01T00:00:00.000Z';
  return { name: 'regions', value: ['eu'], description: 'where', tags: ['ops'], createdAt: at, updatedAt: at, ...changed };
}

export function automation(changed: Partial<Automation> = {}): Automation {
  return {
    id: 'auto_01h455vb4pex5vsknk084sn02q',
    name: 'Tell us of failures',
    description: '',
    enabled: true,
    trigger: triggerSchema.parse({ type: 'event', expect: ['run.Failed'] }),
    onTrigger: [{ type: 'retry-run', mode: 'from-failed' }],
    onResolve: [],
    owner: { kind: 'operator', name: 'ada@example.com', deployment: null },
    overlay: null,
    problem: null,
    lastFiredAt: null,
    openCount: 0,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...changed,
  };
}

export function automationFiring(): AutomationFiring {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    id: 'fire_01h455vb4pex5vsknk084sn02q',
    automation: { id: 'auto_01h455vb4pex5vsknk084sn02q', name: 'Tell us of failures' },
    kind: 'triggered',
    at,
    firedAt: at,
    key: [],
    event: null,
    parts: [],
    why: 'run.Failed of brave-otter',
    actions: [
      {
        id: 'act_01h455vb4pex5vsknk084sn02q',
        index: 0,
        type: 'retry-run',
        status: 'done',
        attempts: [{ at, durationMs: 12, outcome: 'done', message: 'Retried run_01h455vb4pex5vsknk084sn02q' }],
        nextAttemptAt: null,
        target: { kind: 'run', id: 'run_01h455vb4pex5vsknk084sn02q' },
      },
    ],
  };
}

export function blockType(changed: Partial<BlockType> = {}): BlockType {
  const properties = { host: { type: 'string' }, password: { type: 'string' } };
  const schema = { type: 'object', properties };
  const at = '2026-01-01T00:00:00.000Z';
  return { name: 'postgres', description: 'databases', schema, secretFields: ['password'], blocks: 1, updatedAt: at, ...changed };
}

export function block(changed: Partial<Block> = {}): Block {
  const at = '2026-01-01T00:00:00.000Z';
  const value = { host: 'db.internal', password: { $secret: 'env:DB_PASSWORD' } };
  const id = 'blk_01h455vb4pex5vsknk084sn02q';
  return { id, type: 'postgres', name: 'orders', value, description: 'shop', createdAt: at, updatedAt: at, ...changed };
}

export function asset(changed: Partial<Asset> = {}): Asset {
  const at = '2026-01-01T00:00:00.000Z';
  const words = { name: 'Orders', description: null, url: null, owners: ['data'] };
  const times = { lastMaterializedAt: at, lastFailedAt: null, lastRun: null, createdAt: at };
  return { uri: 's3://lake/orders', ...words, ...times, upstream: 1, downstream: 0, ...changed };
}

export function materialization(): Materialization {
  const run = 'run_01h455vb4pex5vsknk084sn02q' as const;
  const made = { at: '2026-01-01T00:00:00.000Z', outcome: 'materialized' as const, run, runName: 'calm-fox', flow: 'shop' };
  return { ...made, taskRun: 'load', metadata: { rows: 5 }, upstream: ['postgres://shop/orders'] };
}

export function assetGraph(uri: string): AssetGraph {
  const from = 'postgres://shop/orders';
  const nodes = [uri, from].map((each) => ({ uri: each, name: null, lastMaterializedAt: null, lastFailedAt: null }));
  return { nodes, edges: [{ from, to: uri }], isCut: false };
}

export function sla(over: Partial<Sla> = {}): Sla {
  return {
    id: id('sla'),
    name: 'by noon',
    kind: 'completion',
    deployment: { id: id('deployment'), name: 'weather/daily' },
    asset: null,
    seconds: 600,
    severity: 'high',
    isEnabled: true,
    origin: 'operator',
    unmet: 1,
    lastViolatedAt: AT,
    createdAt: AT,
    updatedAt: AT,
    ...over,
  };
}

export function slaViolation(): SlaViolation {
  const { id: of, name, kind, severity } = sla();
  return { id: 'v', sla: { id: of, name, kind, severity }, run: { id: id('run'), name: 'brave-otter' }, at: AT, metAt: null };
}

export function webhook(over: Partial<Webhook> = {}): Webhook {
  return {
    id: id('webhook'),
    name: 'orders',
    preset: 'generic',
    isEnabled: true,
    scheme: 'hmac',
    template: { name: 'order.paid', resource: { id: 'order/{{ body.id }}' }, payload: {} },
    prefix: 'abc',
    oldUntil: null,
    createdAt: AT,
    updatedAt: AT,
    lastAt: null,
    ...over,
  };
}

export function webhookRequest(): WebhookRequest {
  return { id: 'r', at: AT, method: 'POST', bytes: 12, outcome: 'refused', reason: 'the signature is wrong', events: [] };
}

export function incident(over: Partial<IncidentDetail> = {}): IncidentDetail {
  return {
    id: id('incident'),
    title: 'No weather',
    summary: '',
    severity: 'high',
    status: 'open',
    key: null,
    declaredBy: 'ada@example.com',
    declaredAt: AT,
    updatedAt: AT,
    resolvedAt: null,
    entries: [
      { id: 'e', at: AT, kind: 'declared', actor: { kind: 'person', name: 'ada@example.com' }, text: '', before: null, after: null },
    ],
    links: [{ kind: 'run', ref: id('run'), name: 'brave-otter', linkedAt: AT }],
    ...over,
  };
}

export function failureGroup(over: Partial<FailureGroupDetail> = {}): FailureGroupDetail {
  return {
    id: id('failureGroup'),
    status: 'open',
    kind: 'application',
    title: 'Error: no station 12',
    occurrences: 42,
    firstAt: AT,
    lastAt: AT,
    lastRun: id('run'),
    deployments: [{ id: id('deployment'), name: 'weather/daily', occurrences: 42, versions: { first: 1, last: 3 }, lastAt: AT }],
    owner: null,
    acknowledged: null,
    mutedUntil: null,
    resolved: null,
    message: 'no station 12',
    frames: ['readStation flows/weather.ts'],
    runs: [{ id: id('run'), name: 'brave-otter', at: AT }],
    ...over,
  };
}

export function channel(over: Partial<Channel> = {}): Channel {
  return {
    id: id('channel'),
    name: 'ops',
    kind: 'slack',
    target: 'hooks.slack.com',
    isEnabled: true,
    leastSeverity: 'minor',
    digestSeconds: 0,
    quietHours: null,
    remindSeconds: 86_400,
    createdAt: AT,
    updatedAt: AT,
    last: null,
    ...over,
  };
}

export function delivery(over: Partial<Delivery> = {}): Delivery {
  return {
    id: 'dlv_01h455vb4pex5vsknk084sn02q',
    channel: { id: id('channel'), name: 'ops', kind: 'slack' },
    status: 'sent',
    severity: 'high',
    subject: 'weather/daily failed',
    body: '',
    fingerprint: null,
    isRecovery: false,
    occurrences: 1,
    attempts: [{ at: AT, status: 200, error: null, ms: 12 }],
    nextAttemptAt: null,
    createdAt: AT,
    endedAt: AT,
    ...over,
  };
}

export function question(): Question {
  const run = { id: 'run_01h455vb4pex5vsknk084sn02q' as const, name: 'brave-otter', flow: 'pay', deployment: 'prod' };
  const asked = {
    key: 'approve-1',
    how: 'suspend' as const,
    message: 'Pay 5?',
    inputSchema: null,
    askedBy: null,
    askedAt: AT,
    expiresAt: AT,
  };
  return { run, ...asked, approvers: { people: [], teams: ['finance'] }, mayAnswer: false };
}
