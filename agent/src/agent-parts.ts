/** What the loops share. */
import type { Logger } from 'pino';
import type { Bell } from './bell.ts';
import type { Channel } from './channel/channel.ts';
import type { AgentConfig } from './config.ts';
import type { Doorbell } from './loops/doorbell.ts';
import type { ClaimDesk } from './loops/open-claim.ts';
import type { Runs } from './run/runs.ts';
import type { ServerClock } from './server-clock.ts';
import type { Session } from './session.ts';
import type { Spool } from './spool/spool.ts';
import type { AgentStatus } from './status.ts';

export interface AgentParts {
  readonly config: AgentConfig;
  readonly channel: Channel;
  readonly session: Session;
  readonly spool: Spool;
  readonly runs: Runs;
  readonly doorbell: Doorbell;
  readonly claims: ClaimDesk;
  readonly clock: ServerClock;
  readonly status: AgentStatus;
  readonly log: Logger;
  /** Rung when the connection is back: what waits to try again does so at once. */
  readonly reconnected: Bell;
  /** Take no work while this reason holds; what has not started is given back. */
  readonly setDraining: (reason: string, on: boolean) => void;
  /** Fetch a new credential now. */
  readonly rotateCredential: () => void;
}

/** The Postgres timeline as answers tell it: at a change, what is kept behind the watermark is told again. */
export async function observeTimeline(parts: AgentParts, timeline: number): Promise<void> {
  const known = parts.status.timeline;
  parts.status.timeline = timeline;
  if (known === null || known === timeline) return;
  parts.log.warn({ from: known, to: timeline }, 'the database went to another timeline: reports are told again');
  await Promise.all([parts.spool.state.rewind(), parts.spool.bulk.rewind()]);
}
