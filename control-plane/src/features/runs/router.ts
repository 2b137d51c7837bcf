import {
  countRunsInput,
  createRunInput,
  createRunsInput,
  holdRunInput,
  listChildrenInput,
  listLogsInput,
  listQuestionsInput,
  listRunsInput,
  listTaskRunsInput,
  moveRunInput,
  resumeRunInput,
  retryRunInput,
  runHistoryInput,
  runRefInput,
  setRunStateInput,
} from '@signalbox/proto/api';
import { command, query, sqlCommand, sqlQuery } from '../../platform/command.ts';
import { listArtifacts } from '../artifacts/index.ts';
import { listLogs } from '../logs/index.ts';
import { listQuestions } from '../pauses/index.ts';
import { listTaskRuns } from '../task-runs/index.ts';
import { cancelRun } from './cancel-run.ts';
import { countRuns } from './count-runs.ts';
import { createRun } from './create-run.ts';
import { createRuns } from './create-runs.ts';
import { deleteRun } from './delete-run.ts';
import { explainRun } from './explain/explain-run.ts';
import { getRun } from './get-run.ts';
import { pauseRun, suspendRun } from './hold-run.ts';
import { listRuns } from './list-runs.ts';
import { listChildren } from './read-lineage.ts';
import { resumeRun } from './resume-run.ts';
import { retryRun } from './retry-run.ts';
import { runHistory } from './run-history.ts';
import { setRunState } from './set-run-state.ts';

export const runsRouter = {
  create: sqlCommand({ scope: 'runs:create', single: true, action: 'run.create', input: createRunInput, run: createRun }),
  createMany: sqlCommand({ scope: 'runs:create', single: true, action: 'run.create-many', input: createRunsInput, run: createRuns }),
  list: query({ scope: 'runs:read', single: true, input: listRunsInput, run: listRuns }),
  count: query({ scope: 'runs:read', single: true, input: countRunsInput, run: countRuns }),
  history: query({ scope: 'runs:read', single: true, input: runHistoryInput, run: runHistory }),
  get: sqlQuery({ scope: 'runs:read', single: true, input: runRefInput, run: getRun }),
  children: sqlQuery({ scope: 'runs:read', single: true, input: listChildrenInput, run: listChildren }),
  questions: query({ scope: 'runs:read', single: true, input: listQuestionsInput, run: listQuestions }),
  explain: sqlQuery({ scope: 'runs:read', single: true, input: runRefInput, run: explainRun }),
  retry: command({ scope: 'runs:retry', single: true, action: 'run.retry', input: retryRunInput, run: retryRun }),
  cancel: command({ scope: 'runs:cancel', single: true, action: 'run.cancel', input: moveRunInput, run: cancelRun }),
  pause: command({ scope: 'runs:operate', single: true, action: 'run.pause', input: holdRunInput, run: pauseRun }),
  suspend: command({ scope: 'runs:operate', single: true, action: 'run.suspend', input: holdRunInput, run: suspendRun }),
  resume: command({ scope: 'runs:operate', single: true, action: 'run.resume', input: resumeRunInput, run: resumeRun }),
  setState: command({ scope: 'runs:set-state', single: true, action: 'run.set-state', input: setRunStateInput, run: setRunState }),
  delete: command({ scope: 'runs:delete', single: true, action: 'run.delete', input: runRefInput, run: deleteRun }),
  taskRuns: query({
    scope: 'runs:read',
    single: true,
    input: listTaskRunsInput,
    run: (ctx, input) => listTaskRuns(ctx.tx, ctx.workspace.id, input),
  }),
  logs: query({ scope: 'runs:read', single: true, input: listLogsInput, run: (ctx, input) => listLogs(ctx.tx, ctx.workspace.id, input) }),
  artifacts: query({
    scope: 'runs:read',
    single: true,
    input: runRefInput,
    run: (ctx, input) => listArtifacts(ctx.tx, ctx.workspace.id, input),
  }),
};
