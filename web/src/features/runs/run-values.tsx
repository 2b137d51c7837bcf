import { CodeBlock } from '../../components/ui/code-block.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { formatBytes } from '../../lib/format.ts';
import type { RunDetail } from './queries.ts';

/** What went in and what came out. */
export function RunValues({ run }: { run: RunDetail }) {
  const reference = referenceOf(run.result?.body);
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Panel title="Parameters">
        <Value label="Parameters" value={run.parameters.body} empty="This run was given no parameters." />
      </Panel>
      <Panel title="Result">
        <Value
          label="Result"
          value={reference ? undefined : run.result?.body}
          empty={
            reference
              ? `A result of ${formatBytes(reference.bytes)} lies where the code ran: ${reference.storage} ${reference.key}`
              : run.endedAt
                ? 'The flow returned nothing that is kept here; large results stay where the code ran.'
                : 'Comes when the run completes.'
          }
        />
      </Panel>
    </div>
  );
}

/** A large result that stays in a storage of the customer: `{ "$result": { storage, key, bytes } }`. */
function referenceOf(body: unknown): { storage: string; key: string; bytes: number } | null {
  const inner: unknown = typeof body === 'object' && body !== null && '$result' in body ? body.$result : null;
  if (typeof inner !== 'object' || inner === null || !('storage' in inner && 'key' in inner && 'bytes' in inner)) return null;
  return { storage: String(inner.storage), key: String(inner.key), bytes: Number(inner.bytes) };
}

function Value({ value, label, empty }: { value: unknown; label: string; empty: string }) {
  const isEmpty = value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
  return isEmpty ? (
    <p className="p-4 text-sm text-ink-3">{empty}</p>
  ) : (
    <div className="p-3">
      <CodeBlock label={label} text={JSON.stringify(value, null, 2)} />
    </div>
  );
}
