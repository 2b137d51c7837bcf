import { Button } from '../../../components/ui/button.tsx';
import { Spinner } from '../../../components/ui/spinner.tsx';
import { readError } from '../../../lib/trpc/errors.ts';

interface LogTailProps {
  isComplete: boolean;
  isLive: boolean;
  isEmpty: boolean;
  hasStarted: boolean;
  error: unknown;
  onReadOn: () => void;
}

/** What stands below the last line: whether more is to come, and how to get it. */
export function LogTail({ isComplete, isLive, isEmpty, hasStarted, error, onReadOn }: LogTailProps) {
  if (error)
    return (
      <span role="alert" className="flex items-center gap-3 text-danger">
        {readError(error).message}
        <Button size="sm" onClick={onReadOn}>
          Try again
        </Button>
      </span>
    );
  if (!isComplete)
    return (
      <span className="flex items-center gap-3">
        <Spinner />
        Reading
        <Button size="sm" onClick={onReadOn}>
          Read on
        </Button>
      </span>
    );
  if (isLive) return hasStarted ? 'Waiting for the next line' : 'Lines appear here once the run has started.';
  return isEmpty ? 'This run said nothing. In a flow, logger.info() writes here, and so does what its process prints.' : 'End of the log';
}
