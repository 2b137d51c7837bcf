/** All scenarios, by the name that `--only` takes, cheapest first. */
import type { Scenario } from '../scenario.ts';
import { claimHistory } from './claim-history.ts';
import { claimParked } from './claim-parked.ts';
import { dueAtOnce } from './due-at-once.ts';
import { events } from './events.ts';
import { feed } from './feed.ts';
import { growth } from './growth.ts';
import { handOff } from './hand-off.ts';
import { idle } from './idle.ts';
import { lateness } from './lateness.ts';
import { rls } from './rls.ts';
import { soak } from './soak.ts';
import { start } from './start.ts';
import { taskOverhead } from './task-overhead.ts';
import { tasksRecorded } from './tasks-recorded.ts';
import { throughput } from './throughput.ts';
import { trigger } from './trigger.ts';

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'task-overhead': taskOverhead,
  'tasks-recorded': tasksRecorded,
  'claim-history': claimHistory,
  'claim-parked': claimParked,
  events,
  feed,
  rls,
  soak,
  trigger,
  lateness,
  throughput,
  'due-at-once': dueAtOnce,
  'hand-off': handOff,
  idle,
  growth,
  start,
};
