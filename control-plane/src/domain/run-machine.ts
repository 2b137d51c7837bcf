/**
 * The only authority on moves of a run: may it move, and what follows. A table over every state and intent.
 *
 * SCHEDULED -claim-> PENDING -grant-> RUNNING -complete|fail|crash-> ended. RUNNING goes back to SCHEDULED on a
 * retry, to Lost when its agent is not heard of, to CANCELLING when it shall end. Ended is ended: only a person's
 * retry makes a new attempt, under a higher epoch. Whatever leaves its owner without ending raises the epoch.
 *
 * The SQL of the hot path (give_runs, grant_permit) takes the same decisions in bulk and is tested against this.
 */
import { isTerminal } from '@signalbox/proto';
import { cancelNow, cancelThere, obeyed } from './rules/cancellation.ts';
import { assign } from './rules/claim.ts';
import { cancelledThere, complete, crash, fail, timeOut } from './rules/end.ts';
import { forceEnd, heldElsewhere, restate } from './rules/force.ts';
import { giveUp, losePending, loseRunning, regain } from './rules/lost-agent.ts';
import { hold, pause, pauseExpired, resumePaused, resumeSuspended, suspend, suspensionExpired, takeBack } from './rules/pause.ts';
import { permit, repeat } from './rules/permit.ts';
import { tryAgain } from './rules/retry-by-hand.ts';
import { begin, beginCancelling, giveBack } from './rules/start.ts';
import { crashedUnstarted, grantUnused, startFailed, startTimedOut } from './rules/start-failure.ts';
import { reject } from './rules/verdict.ts';
import { awaitChild, childEnded, expireWaiting } from './rules/waiting.ts';
import {
  type Facts,
  type Intent,
  type IntentKind,
  type Rule,
  type RunSnapshot,
  STATE_KEYS,
  type StateKey,
  type Verdict,
} from './run-snapshot.ts';
import { stateKey } from './state-key.ts';

export { stateKey } from './state-key.ts';

/** One rule a state, in the order of `STATE_KEYS`; a missing cell does not compile. */
type Columns<States extends readonly StateKey[], K extends IntentKind> = { readonly [I in keyof States]: Rule<K> };
type Row<K extends IntentKind> = Columns<typeof STATE_KEYS, K>;

const no = (run: RunSnapshot, intent: Intent): Verdict =>
  reject('not-now', `a run that is ${stateKey(run.type, run.name)} cannot ${VERB[intent.kind]}`);
const same = (run: RunSnapshot): Verdict => reject('already', `the run is ${stateKey(run.type, run.name)} already`);
const over = (run: RunSnapshot, intent: Intent): Verdict =>
  reject('over', `the run has ended (${stateKey(run.type, run.name)})${intent.kind in AFTER_END ? `: ${AFTER_END[intent.kind]}` : ''}`);

// Kept in columns: this is the table of DESIGN, section 4.
// biome-ignore format: a table
const TABLE: { readonly [K in IntentKind]: Row<K> } = {
  //                      Scheduled   AwaitingRetry  Resuming    Pending           Running      AwaitingChild Lost         Paused        Suspended          Cancelling       Completed Failed    Crashed   Cancelled
  'claim':              [ assign,     assign,        assign,     no,               no,          no,           no,          no,           no,                no,              over,     over,     over,     over     ],
  'grant':              [ no,         no,            no,         permit,           repeat,      no,           repeat,      no,           no,                no,              over,     over,     over,     over     ],
  'start':              [ no,         no,            no,         no,               begin,       same,         begin,       same,         no,                beginCancelling, over,     over,     over,     over     ],
  'complete':           [ no,         no,            no,         no,               complete,    complete,     complete,    complete,     no,                complete,        over,     over,     over,     over     ],
  'fail':               [ no,         no,            no,         no,               fail,        fail,         fail,        fail,         no,                obeyed,          over,     over,     over,     over     ],
  'time-out':           [ no,         no,            no,         no,               timeOut,     timeOut,      timeOut,     timeOut,      no,                obeyed,          over,     over,     over,     over     ],
  'crash':              [ no,         no,            no,         crashedUnstarted, crash,       crash,        crash,       crash,        no,                obeyed,          over,     over,     over,     over     ],
  'cancelled-observed': [ no,         no,            no,         no,               cancelledThere, cancelledThere, cancelledThere, cancelledThere, no,       obeyed,          over,     over,     over,     over     ],
  'give-back':          [ no,         no,            no,         giveBack,         giveBack,    no,           giveBack,    no,           no,                obeyed,          over,     over,     over,     over     ],
  'start-failed':       [ no,         no,            no,         startFailed,      startFailed, no,           startFailed, no,           no,                obeyed,          over,     over,     over,     over     ],
  'pause':              [ no,         no,            no,         no,               pause,       no,           pause,       same,         no,                no,              over,     over,     over,     over     ],
  'suspend':            [ no,         no,            no,         no,               suspend,     suspend,      suspend,     suspend,      same,              no,              over,     over,     over,     over     ],
  'await-child':        [ no,         no,            no,         no,               awaitChild,  same,         awaitChild,  no,           no,                no,              over,     over,     over,     over     ],
  'child-ended':        [ no,         no,            no,         no,               same,        childEnded,   no,          no,           no,                no,              over,     over,     over,     over     ],
  'resume':             [ no,         no,            same,       no,               takeBack,    takeBack,     takeBack,    resumePaused, resumeSuspended,   no,              over,     over,     over,     over     ],
  'cancel':             [ cancelNow,  cancelNow,     cancelNow,  cancelThere,      cancelThere, cancelThere,  cancelThere, cancelThere,  cancelNow,         same,            over,     over,     over,     over     ],
  'lose':               [ no,         no,            no,         losePending,      loseRunning, loseRunning,  same,        loseRunning,  no,                obeyed,          over,     over,     over,     over     ],
  'regain':             [ no,         no,            no,         same,             same,        same,         regain,      same,         no,                same,            over,     over,     over,     over     ],
  'lost-deadline':      [ no,         no,            no,         no,               no,          no,           giveUp,      no,           no,                no,              over,     over,     over,     over     ],
  'start-timeout':      [ no,         no,            no,         startTimedOut,    grantUnused, no,           no,          no,           no,                no,              over,     over,     over,     over     ],
  'expire':             [ expireWaiting, expireWaiting, expireWaiting, no,         no,          no,           no,          pauseExpired, suspensionExpired, no,              over,     over,     over,     over     ],
  'retry-by-hand':      [ no,         no,            no,         no,               no,          no,           no,          no,           no,                no,              over,     tryAgain, tryAgain, tryAgain ],
  'hold':               [ no,         no,            no,         no,               hold,        hold,         hold,        hold,         same,              no,              over,     over,     over,     over     ],
  'force':              [ forceEnd,   forceEnd,      forceEnd,   heldElsewhere,    heldElsewhere, heldElsewhere, forceEnd, heldElsewhere, forceEnd,         heldElsewhere,   restate,  restate,  restate,  restate  ],
};

/** How a refusal names each intent to a person. */
const VERB: { readonly [K in IntentKind]: string } = {
  claim: 'be claimed',
  grant: 'be given a permit',
  start: 'start',
  complete: 'complete',
  fail: 'fail',
  'time-out': 'time out',
  crash: 'crash',
  'cancelled-observed': 'end as cancelled',
  'give-back': 'be given back',
  'start-failed': 'fail to start',
  pause: 'pause',
  suspend: 'be suspended',
  'await-child': 'wait for a child',
  'child-ended': 'go on after a child',
  resume: 'be resumed: only one that is Paused or Suspended can',
  cancel: 'be cancelled',
  lose: 'be lost',
  regain: 'be regained',
  'lost-deadline': 'be given up',
  'start-timeout': 'run out of time to start',
  expire: 'expire',
  'retry-by-hand': 'be retried before it has ended: cancel it first, or wait',
  hold: 'be paused or suspended, since no process of it runs: cancel it, or pause its deployment',
  force: 'be set to another state',
};

/** What a person can do instead, once a run has ended. */
const AFTER_END: { readonly [K in IntentKind]?: string } = {
  cancel: 'there is nothing to stop',
  resume: 'retry it to run it again',
  hold: 'retry it to run it again',
  'retry-by-hand': 'what completed is not run again; start a new run of its deployment',
};

/** Every intent, for tests that walk the table. */
export const INTENT_KINDS = Object.keys(TABLE) as readonly IntentKind[];

/**
 * Whether `intent` may move `run`, and what follows. Pure: the same three values give the same verdict.
 * An agent's intent counts only from the current owner under the current epoch; a run that has ended says `over` first.
 *
 * @see DESIGN.md sections 3 and 4
 */
export function decide(run: RunSnapshot, intent: Intent, facts: Facts): Verdict {
  if ('owner' in intent && !isTerminal(run.type) && (intent.owner.agentId !== run.agentId || intent.owner.epoch !== run.epoch)) {
    return reject('stale', 'the run is not held by this agent under this epoch any more');
  }
  const column = STATE_KEYS.indexOf(stateKey(run.type, run.name));
  const rule = TABLE[intent.kind][column] as (run: RunSnapshot, intent: Intent, facts: Facts) => Verdict;
  return rule(run, intent, facts);
}
