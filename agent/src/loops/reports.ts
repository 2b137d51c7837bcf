/**
 * Tells what the spool holds, one batch in flight a channel, in order, from the control plane's own watermark on. An entry
 * that is refused goes aside into a file and is logged; it blocks nothing.
 */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MESSAGE_MAX_BYTES, type ReportReply, reportReplySchema } from '@signalbox/proto/messages';
import { type AgentParts, observeTimeline } from '../agent-parts.ts';
import { monotonicMs, pause } from '../bell.ts';
import { Backoff } from '../channel/backoff.ts';
import { RefusedError, SilenceError } from '../channel/channel.ts';
import { expectedPosition } from '../session.ts';

const TIMEOUT_MS = 5_000;
const BATCH_ENTRIES = 2_000;
/** Digests that a claim beside reports names. */
const WARM_MOST = 20;
/** Room for the envelope of the batch, and for that claim. */
const BATCH_BYTES = MESSAGE_MAX_BYTES - 8_192;
/** Bulk waits so long for the state channel to be through. */
const STATE_FIRST_MS = 250;

export async function reportLoop(parts: AgentParts, channel: 'state' | 'bulk', signal: AbortSignal): Promise<void> {
  const log = parts.spool[channel];
  const backoff = new Backoff(250, 10_000);
  while (!signal.aborted) {
    await log.waitForUnsent(signal);
    if (!(await parts.session.get(signal))) return;
    if (channel === 'bulk') await stateFirst(parts, signal);
    try {
      const before = log.watermark;
      await sendBatch(parts, channel);
      // An answer that moves nothing must not be asked for at full speed.
      if (log.watermark <= before && log.unsent > 0) await pause(backoff.next(), signal);
      else backoff.reset();
    } catch (error) {
      parts.status.note(`${channel} reports`, String(error));
      const expected = expectedPosition(error);
      if (expected !== null) await log.setWatermark(expected - 1);
      if (!(error instanceof SilenceError)) parts.log.warn({ channel, error: String(error) }, 'reports were not taken');
      const wait = error instanceof RefusedError ? error.body.retryAfterMs : undefined;
      await parts.reconnected.wait(signal, wait ?? backoff.next());
    }
  }
}

async function stateFirst(parts: AgentParts, signal: AbortSignal): Promise<void> {
  if (parts.spool.state.unsent <= 0) return;
  const patience = AbortSignal.any([signal, AbortSignal.timeout(STATE_FIRST_MS)]);
  await parts.spool.state.waitUntilSent(patience);
}

async function sendBatch(parts: AgentParts, channel: 'state' | 'bulk'): Promise<void> {
  const { spool, session } = parts;
  const entries = await spool[channel].next(BATCH_BYTES, BATCH_ENTRIES);
  const current = session.current;
  if (entries.length === 0 || !current) return;
  // Entries are the JSON texts that lie on disk; they are not parsed again.
  const claim = channel === 'state' && parts.runs.free > 0 ? parts.claims.open(parts, current.session) : null;
  const said = claim?.say();
  const ask = said ? { claim: { ...said, warm: said.warm.slice(0, WARM_MOST) } } : {};
  const head = JSON.stringify({ v: 1, session: current.session, spoolId: spool.id, oldest: spool[channel].oldest, ...ask });
  const body = Buffer.from(`${head.slice(0, -1)},"entries":[${entries.join(',')}]}`);
  const sentAtMs = monotonicMs();
  const reply = reportReplySchema.parse(await answerOf(parts, session.askRaw(channel, body, TIMEOUT_MS)));
  if (reply.claim && said) claim?.answer(reply.claim, said, sentAtMs);
  if (reply.woken) parts.doorbell.wake();
  await setAside(parts, channel, entries, reply);
  if (channel === 'state') parts.runs.release(await spool.setStateWatermark(reply.watermark));
  else await spool.bulk.setWatermark(reply.watermark);
  await observeTimeline(parts, reply.timeline);
  parts.status.note(`${channel} reports`, `stored up to ${reply.watermark}`);
}

/** A claim that was carried out beside reports whose answer is lost is asked for at once. */
async function answerOf(parts: AgentParts, asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof SilenceError) parts.doorbell.wake();
    throw error;
  }
}

async function setAside(parts: AgentParts, channel: string, entries: readonly string[], reply: ReportReply): Promise<void> {
  const all = reply.exceptions.filter((exception) => exception.verdict === 'refused');
  // Kept on disk they would fill it: whoever is over a limit says much.
  const over = all.filter(({ code }) => code === 'LIMIT_EXCEEDED');
  if (over.length > 0)
    parts.log.warn({ channel, entries: over.length, message: over[0]?.message }, 'logs over the limit of the workspace were dropped');
  const refused = all.filter(({ code }) => code !== 'LIMIT_EXCEEDED');
  if (refused.length === 0) return;
  const byPosition = new Map(entries.map((text) => [(JSON.parse(text) as { n: number }).n, text]));
  const lines = refused.map(
    (verdict) => `{"channel":"${channel}","verdict":${JSON.stringify(verdict)},"entry":${byPosition.get(verdict.n) ?? 'null'}}\n`,
  );
  await appendFile(join(parts.config.dataDir, 'refused.jsonl'), lines.join(''), { mode: 0o600 });
  for (const { n, code, message } of refused)
    parts.log.warn({ channel, n, code, message }, 'a report was refused and set aside in refused.jsonl');
}
