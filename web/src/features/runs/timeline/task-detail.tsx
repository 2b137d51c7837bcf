import type { TaskRun } from '@signalbox/proto/api';
import { X } from 'lucide-react';
import { Button } from '../../../components/ui/button.tsx';
import { Fact, Facts, Panel } from '../../../components/ui/panel.tsx';
import { FailureView } from '../failure-view.tsx';
import { RunDuration } from '../run-duration.tsx';
import { RunStateBadge } from '../run-state-badge.tsx';

interface TaskDetailProps {
  task: TaskRun;
  tasks: readonly TaskRun[];
  onSelect: (ordinal: number | null) => void;
}

/** What is known of one task run; its logs show below, as the log's filter. */
export function TaskDetail({ task, tasks, onSelect }: TaskDetailProps) {
  const upstream = tasks.filter((each) => task.upstream.includes(each.ordinal));
  return (
    <Panel
      title={
        <span className="flex items-center gap-3">
          {task.name}
          <RunStateBadge state={task.state} />
        </span>
      }
      actions={
        <Button variant="quiet" size="icon" aria-label="Close task" onClick={() => onSelect(null)}>
          <X aria-hidden className="size-4" />
        </Button>
      }
    >
      <div className="space-y-3 p-4">
        <Facts className="grid-cols-2 sm:grid-cols-4">
          <Fact name="Duration">
            <RunDuration run={{ ...task, durationMs: null }} />
          </Fact>
          <Fact name="Attempt">{task.attempt}</Fact>
          <Fact name="Task">{task.taskKey}</Fact>
          <Fact name="Takes results of">
            {upstream.length === 0
              ? '–'
              : upstream.slice(0, 4).map((each) => (
                  <button
                    key={each.ordinal}
                    type="button"
                    className="mr-2 text-accent hover:underline"
                    onClick={() => onSelect(each.ordinal)}
                  >
                    {each.name}
                  </button>
                ))}
            {upstream.length > 4 && `and ${upstream.length - 4} more`}
          </Fact>
        </Facts>
        {task.state.message && !task.failure && <p className="text-sm text-ink-2">{task.state.message}</p>}
        {task.failure && <FailureView failure={task.failure} />}
      </div>
    </Panel>
  );
}
