/**
 * `npm run chaos -- --seed N --seconds S --agents A --replicas R`: a whole system under mixed load, faults by seed, then a check of
 * everything that happened. One JSON line of counts comes last; the exit code is 1 on any violation.
 *
 *   --seed N       repeats the choices (default: drawn, and printed)
 *   --seconds S    how long faults fly (default 60)
 *   --agents A     default 3
 *   --replicas R   of the control plane, default 2
 *   --sweep        first lets a process die at each named point between a claim and the first line of its run, and between an event and
 *                  what an automation does; one not reached fails
 *   --keep         leave logs and data behind, also when all is well
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startSystem } from '../test-support/system.ts';
import { openReceiver, prepareAutomations, readAutomations, startEmitter } from './automations.ts';
import { type AutomationViolations, checkAutomations } from './check-automations.ts';
import { checkHistory, rolledFires } from './check-history.ts';
import { injectFaults, type Stage, sweepPoints } from './faults.ts';
import { Link } from './network.ts';
import { drain, plannedFires, readBugs, readHistory, readPlans, watchSlots } from './observe.ts';
import { Points } from './points.ts';
import { Random } from './random.ts';
import { prepareRolled } from './rolled.ts';
import { prepareLoad, startLoad, startPersons } from './workload.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seconds: { type: 'string' },
    agents: { type: 'string' },
    replicas: { type: 'string' },
    sweep: { type: 'boolean' },
    keep: { type: 'boolean' },
  },
});
const seed = count('seed', values.seed, Math.floor(Math.random() * 1e9));
const seconds = count('seconds', values.seconds, 60);
const agentCount = count('agents', values.agents, 3);
const replicaCount = count('replicas', values.replicas, 2);
/** Leases short enough that a lost agent is found out within the run. */
const TIMINGS = {
  SIGNALBOX_LEASE_MS: '6000',
  SIGNALBOX_RENEW_MS: '1000',
  SIGNALBOX_LOST_GRACE_MS: '4000',
  SIGNALBOX_PRIVATE_TARGETS: 'allow',
};
/** How long nothing may change before what is left counts as lost. */
const STILL_MS = 120_000;
/** A notification whose sender died is sent again after a minute. */
const ACTED_MS = 90_000;

const startedAt = performance.now();
const say = (text: string) => process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} ${text}\n`);
if (values.keep) process.env['SIGNALBOX_KEEP_SYSTEM'] = '1';

const notes = mkdtempSync(join(tmpdir(), 'signalbox-chaos-'));
const links: Link[] = [];
const points = new Points(join(notes, 'points'), new Random(seed + 3));
say(`seed ${seed}: ${seconds} s, ${agentCount} agents, ${replicaCount} replicas; repeat with --seed ${seed}`);
{
  await using receiver = await openReceiver();
  await using system = await startSystem({
    tag: `chaos-${process.pid}`,
    agents: agentCount,
    replicas: replicaCount,
    slots: 6,
    smallDisks: true,
    controlPlaneEnv: TIMINGS,
    agentEnv: { CHAOS_NOTES: notes },
    partEnv: (part) => points.envOf(part),
    async route(from, to, url) {
      const { link, url: by } = await Link.open(from, to, url);
      links.push(link);
      return by;
    },
  });
  mkdirSync(notes, { recursive: true });
  await prepareLoad(system);
  await prepareRolled(system);
  await prepareAutomations(system, receiver);

  const over = new AbortController();
  const random = new Random(seed);
  const load = startLoad(system, new Random(seed + 1));
  const persons = startPersons(system, new Random(seed + 2));
  const emitter = startEmitter(system, new Random(seed + 4));
  const slots = new AbortController();
  const watching = watchSlots(system, slots.signal);
  const [agents, replicas] = [/^agent/, /^control-plane/].map((name) => system.parts.filter((part) => name.test(part)));
  const stage: Stage = { system, links, agents: agents ?? [], replicas: replicas ?? [], random, points, signal: over.signal, say };
  const missed = values.sweep ? await sweepPoints(stage) : [];
  if (missed.length > 0) say(`nobody came to ${missed.join(', ')}`);
  setTimeout(() => over.abort(), seconds * 1_000);
  const faults = await injectFaults(stage);
  say('faults are over; waiting for every run to end');
  await Promise.all([load.stop(), emitter.stop()]);
  const { schedules } = await system.client.deployments.get.query({ deployment: 'fired/always' });
  const plans = await readPlans(system);
  const firesUntil = Date.now() - 2_000;
  for (const { id } of schedules) await system.client.schedules.setActive.mutate({ schedule: id, active: false });
  const left = await drain(system, STILL_MS);
  if (left !== 0) say(`${left} runs are still live`);
  await persons.stop();
  slots.abort();
  const { leaks, looks } = await watching;
  // Logs travel in a channel of their own and may come after the end.
  const seen = await settled(
    () => readHistory(system, { notes, accepted: load.accepted, leakedHolders: leaks, plannedFires: plannedFires(plans, firesUntil) }),
    (history) => checkHistory(history).reportsLost,
    30_000,
  );
  // Deadlines are waited for, and tries that come later.
  const acted = await settled(
    () => readAutomations(system, receiver),
    (now) => sumOf(checkAutomations(now)),
    ACTED_MS,
  );
  const [history, automations] = [checkHistory(seen), checkAutomations(acted)];
  const { examples: _told, ...violations } = { ...history, ...automations };
  for (const example of [...history.examples, ...automations.examples]) say(example);
  const bugs = readBugs(system);
  for (const bug of bugs) say(`logged: ${bug}`);
  const isSound = Object.values(violations).every((number) => number === 0) && missed.length === 0 && bugs.length === 0;
  if (!isSound) process.env['SIGNALBOX_KEEP_SYSTEM'] = '1';
  const line = {
    seed,
    runs: seen.runs.length,
    accepted: load.accepted.size,
    starts: seen.starts.length,
    cancelled: load.cancelled,
    resumed: persons.resumed,
    byState: Object.fromEntries([...Map.groupBy(seen.runs, ({ stateType }) => stateType)].map(([state, runs]) => [state, runs.length])),
    ...violations,
    bugs: bugs.length,
    fires: seen.fires.length,
    rolledFires: rolledFires(seen),
    firings: acted.firings.length,
    actions: acted.actions.length,
    looks,
    faults: faults.faults,
    skipped: faults.skipped,
    byKind: faults.byKind,
    points: points.counts,
    pointsNotReached: Object.values(points.counts).filter((times) => times === 0).length,
  };
  process.exitCode = isSound ? 0 : 1;
  process.once('exit', () => process.stdout.write(`${JSON.stringify(line)}\n`));
}
for (const link of links) link.close();
if (process.exitCode === 0 && !values.keep) rmSync(notes, { recursive: true, force: true });

/** Reads until nothing is missing any more, or no less is for so long. */
async function settled<T>(read: () => Promise<T>, missingIn: (seen: T) => number, stillMs: number): Promise<T> {
  let [least, deadline] = [Number.POSITIVE_INFINITY, performance.now() + stillMs];
  for (;;) {
    const seen = await read();
    const missing = missingIn(seen);
    if (missing < least) [least, deadline] = [missing, performance.now() + stillMs];
    if (missing === 0 || performance.now() > deadline) return seen;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function sumOf({ firingsWrong, lostActions, doubledEffects }: AutomationViolations): number {
  return firingsWrong + lostActions + doubledEffects;
}

function count(name: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  process.stderr.write(`--${name}: expected a whole number, got ${text}\n`);
  process.exit(2);
}
