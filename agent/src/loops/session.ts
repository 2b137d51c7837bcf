/** Says hello whenever there is no session: at the start, after a refusal, after another of the same identity came. */
import { arch, cpus, hostname, platform, release, totalmem } from 'node:os';
import { helloReplySchema, PROTOCOL_MIN_VERSION, PROTOCOL_VERSION } from '@signalbox/proto/messages';
import { type AgentParts, observeTimeline } from '../agent-parts.ts';
import { pause } from '../bell.ts';
import { Backoff } from '../channel/backoff.ts';
import { RefusedError } from '../channel/channel.ts';
import { AGENT_VERSION } from '../version.ts';

const TIMEOUT_MS = 3_000;
/** Two that fence each other must not take turns at full speed. */
const REFUSED_FIRST_MS = 1_000;

export async function sessionLoop(parts: AgentParts, signal: AbortSignal): Promise<void> {
  const silence = new Backoff(500, 10_000);
  const refusal = new Backoff(REFUSED_FIRST_MS, 60_000);
  while (!signal.aborted) {
    if (parts.session.current) {
      await parts.session.change(signal);
      if (!parts.session.current) await pause(refusal.next(), signal);
      continue;
    }
    if (!parts.channel.status.isConnected) {
      parts.status.note('session', parts.channel.status.detail);
      await parts.reconnected.wait(signal);
      continue;
    }
    try {
      await hello(parts);
      silence.reset();
      setTimeout(() => refusal.reset(), 60_000).unref();
    } catch (error) {
      const isRefusal = error instanceof RefusedError;
      parts.status.note('session', String(error));
      parts.log[isRefusal ? 'error' : 'warn']({ error: String(error) }, isRefusal ? 'hello was refused' : 'hello was not answered');
      if (isRefusal) await pause(refusal.next(), signal);
      else await parts.reconnected.wait(signal, silence.next());
    }
  }
}

async function hello(parts: AgentParts): Promise<void> {
  const { config, session, spool, runs } = parts;
  // More than one message lists are told by renewals, since count and hash then differ.
  const { holding, stretch } = runs.holdingPage(null);
  const body = {
    v: 1,
    protocol: { min: PROTOCOL_MIN_VERSION, max: PROTOCOL_VERSION },
    agentVersion: AGENT_VERSION,
    host: {
      hostname: hostname(),
      os: `${platform()} ${release()}`.slice(0, 50),
      arch: arch(),
      cpus: Math.max(1, cpus().length),
      memoryBytes: totalmem(),
      nodeVersion: process.version,
    },
    slots: config.slots,
    maxProcesses: config.maxProcesses,
    launchers: ['process'],
    clock: new Date().toISOString(),
    spoolId: spool.id,
    holding: holding.map(({ run, epoch }) => ({ run, epoch })),
    ...(stretch.upTo === null ? {} : { stretch }),
  };
  const reply = helloReplySchema.parse(await session.askRaw('hello', body, TIMEOUT_MS));
  runs.release(await spool.setStateWatermark(reply.watermarks.state));
  await spool.bulk.setWatermark(reply.watermarks.bulk);
  await observeTimeline(parts, reply.timeline);
  for (const run of reply.notYours) runs.fence(run);
  session.open(reply);
  parts.status.note('session', `session ${reply.session}`);
  parts.log.info(
    {
      session: reply.session,
      workspace: reply.workspace.slug,
      pool: reply.pool.name,
      holding: body.holding.length,
      clockOffsetMs: parts.clock.offsetMs,
    },
    'ready',
  );
}
