'use client';
import type { RunId } from '@signalbox/proto';
import { isTerminal } from '@signalbox/proto';
import { useQuery } from '@tanstack/react-query';
import { useQueryStates } from 'nuqs';
import { useEffect } from 'react';
import { PageBody } from '../../../../components/layout/page-header.tsx';
import { ErrorState } from '../../../../components/ui/error-state.tsx';
import { Select } from '../../../../components/ui/field.tsx';
import { TabPanel, Tabs } from '../../../../components/ui/tabs.tsx';
import { LikeThis } from '../../../../features/failures/like-this.tsx';
import { ArtifactList } from '../../../../features/runs/artifacts/artifact-list.tsx';
import { FailureView } from '../../../../features/runs/failure-view.tsx';
import { LogTail } from '../../../../features/runs/logs/log-tail.tsx';
import { LogView } from '../../../../features/runs/logs/log-view.tsx';
import { useRunLogs } from '../../../../features/runs/logs/use-run-logs.ts';
import { PauseView } from '../../../../features/runs/pause/pause-view.tsx';
import { type RunDetail, runQueries } from '../../../../features/runs/queries.ts';
import { RunChildren } from '../../../../features/runs/run-children.tsx';
import { RunHeader } from '../../../../features/runs/run-header.tsx';
import { RunHistory } from '../../../../features/runs/run-history.tsx';
import { stateLook } from '../../../../features/runs/run-state-badge.tsx';
import { RunValues } from '../../../../features/runs/run-values.tsx';
import { TaskDetail } from '../../../../features/runs/timeline/task-detail.tsx';
import { Timeline } from '../../../../features/runs/timeline/timeline.tsx';
import { WaitingFor } from '../../../../features/runs/waiting-for.tsx';
import { formatEpoch } from '../../../../lib/format.ts';
import { useLive, useLiveRun } from '../../../../lib/live/live.tsx';
import { api } from '../../../../lib/trpc/client.ts';
import Loading from './loading.tsx';
import { RUN_TABS, runPageParams } from './search-params.ts';

export function RunPage({ id }: { id: RunId }) {
  useLiveRun(id);
  const run = useQuery(runQueries(api).detail(id));
  useLive(
    (event) => event.id === id && (event.what?.includes('state') ?? true),
    () => void run.refetch(),
    300,
  );
  if (run.data) return <RunView run={run.data} />;
  return run.isError ? <ErrorState error={run.error} onRetry={() => void run.refetch()} /> : <Loading />;
}

function RunView({ run }: { run: RunDetail }) {
  const [{ tab, attempt: epoch, task: ordinal }, setParams] = useQueryStates(runPageParams, { history: 'replace' });
  const attempt = run.attempts.find((each) => each.epoch === epoch) ?? run.attempts.at(-1);
  const taskRuns = useQuery({ ...runQueries(api).taskRuns(run.id, attempt?.epoch), enabled: attempt !== undefined });
  const artifacts = useQuery(runQueries(api).artifacts(run.id));
  const { lines, isComplete, error, pull, readOn } = useRunLogs(run.id);
  const tasks = taskRuns.data ?? [];
  const task = tasks.find((each) => each.ordinal === ordinal);
  const isLive = !isTerminal(run.state.type);

  const concerns = (what: 'tasks' | 'logs' | 'artifacts') => (event: { id: string; what?: string[] | undefined }) =>
    event.id === run.id && (event.what?.includes(what) ?? true);
  // Thousands of task runs come in whole pages: the more there are, the less often.
  useLive(concerns('tasks'), () => void taskRuns.refetch({ cancelRefetch: false }), 500 + tasks.length / 4);
  useLive(concerns('logs'), () => void pull(), 500);
  useLive(concerns('artifacts'), () => void artifacts.refetch({ cancelRefetch: false }), 1_000);
  // What was said last may be stored a moment after the end was told.
  const { type } = run.state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of state is the reason to look again.
  useEffect(() => {
    const timer = setTimeout(() => {
      void taskRuns.refetch();
      void artifacts.refetch();
      void pull();
    }, 400);
    return () => clearTimeout(timer);
  }, [type, run.attempt]);

  return (
    <>
      <title>{`${stateLook(run.state).word}: ${run.name} · Signalbox`}</title>
      <RunHeader run={run} />
      <PageBody>
        {run.pause && <PauseView run={run} pause={run.pause} />}
        {run.waitingFor.length > 0 && !run.pause?.inEffect && <WaitingFor run={run} />}
        {run.failure && (run.state.type === 'FAILED' || run.state.type === 'CRASHED') && (
          <FailureView failure={run.failure}>
            <LikeThis run={run} />
          </FailureView>
        )}
        {attempt && (
          <Timeline
            run={run}
            attempt={attempt}
            tasks={tasks}
            selected={ordinal}
            onSelect={(next) => void setParams({ task: next })}
            actions={
              run.attempts.length > 1 && (
                <Select
                  aria-label="Attempt"
                  className="!w-36"
                  value={attempt.epoch}
                  onChange={(event) => void setParams({ attempt: Number(event.target.value), task: null })}
                >
                  {run.attempts.map((each) => (
                    <option key={each.epoch} value={each.epoch}>
                      Attempt {each.attempt}
                      {run.attempts.filter((other) => other.attempt === each.attempt).length > 1 ? ` (${formatEpoch(each.epoch)})` : ''}
                    </option>
                  ))}
                </Select>
              )
            }
          />
        )}
        {task && <TaskDetail task={task} tasks={tasks} onSelect={(next) => void setParams({ task: next })} />}
        <Tabs
          label="Details of the run"
          value={tab}
          onChange={(value) => void setParams({ tab: RUN_TABS.find((each) => each === value) ?? 'logs' })}
          tabs={[
            { value: 'logs', label: 'Logs' },
            { value: 'artifacts', label: 'Artifacts', count: artifacts.data?.length ?? null },
            { value: 'values', label: 'Parameters and result' },
            { value: 'children', label: 'Child runs', count: run.children.length > 0 ? run.children.length : null },
            { value: 'history', label: 'History', count: run.attempts.length > 1 ? run.attempts.length : null },
          ]}
        >
          <TabPanel value="logs">
            <LogView
              runName={run.name}
              lines={lines}
              tasks={tasks}
              task={task}
              onClearTask={() => void setParams({ task: null })}
              isLive={isLive}
              tail={
                <LogTail
                  isComplete={isComplete}
                  isLive={isLive}
                  isEmpty={lines.length === 0}
                  hasStarted={run.startedAt !== null}
                  error={error}
                  onReadOn={readOn}
                />
              }
            />
          </TabPanel>
          <TabPanel value="artifacts">
            <ArtifactList artifacts={artifacts} isLive={isLive} />
          </TabPanel>
          <TabPanel value="values">
            <RunValues run={run} />
          </TabPanel>
          <TabPanel value="children">
            <RunChildren run={run} />
          </TabPanel>
          <TabPanel value="history">
            <RunHistory run={run} />
          </TabPanel>
        </Tabs>
      </PageBody>
    </>
  );
}
