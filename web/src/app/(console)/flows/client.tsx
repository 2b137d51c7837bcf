'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { PageBody, PageHeader } from '../../../components/layout/page-header.tsx';
import { CodeBlock } from '../../../components/ui/code-block.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Panel } from '../../../components/ui/panel.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { flowQueries } from '../../../features/deployments/queries.ts';
import { plural } from '../../../lib/format.ts';
import { useLive } from '../../../lib/live/live.tsx';
import { paths } from '../../../lib/paths.ts';
import { api } from '../../../lib/trpc/client.ts';

/** Quoted in the empty state. */
const EXAMPLE = `import { flow } from '@signalbox/sdk';

export const hello = flow({ name: 'hello' }, async (_parameters, ctx) => {
  ctx.logger.info('Hello from my own network');
});`;

export function FlowsPage() {
  const flows = useQuery(flowQueries(api).list());
  useLive(
    (event) => event.kind === 'deployment',
    () => void flows.refetch({ cancelRefetch: false }),
  );
  return (
    <>
      <PageHeader title="Flows" description="Functions that can be run, by name" />
      <PageBody>
        <Panel>
          {flows.isPending ? (
            <SkeletonRows />
          ) : flows.isError ? (
            <ErrorState error={flows.error} onRetry={() => void flows.refetch()} />
          ) : flows.data.items.length === 0 ? (
            <EmptyState title="No flow is known yet">
              <p>A flow is an ordinary async function with a name. Deploying one makes it known here.</p>
              <div className="text-left">
                <CodeBlock label="Example" text={EXAMPLE} />
              </div>
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line">
              {flows.data.items.map((flow) => (
                <li key={flow.id} className="relative flex h-12 items-center gap-4 px-4 hover:bg-hover">
                  <Link
                    href={paths.runs({ flow: flow.name })}
                    className="min-w-0 flex-1 truncate text-sm font-medium -outline-offset-2 after:absolute after:inset-0"
                  >
                    {flow.name}
                  </Link>
                  <Link
                    href={`${paths.deployments}?q=${encodeURIComponent(flow.name)}`}
                    className="relative z-[1] text-sm text-ink-2 hover:text-accent hover:underline"
                  >
                    {plural(flow.deployments, 'deployment')}
                  </Link>
                  <span className="hidden w-36 text-right text-sm text-ink-3 sm:block">
                    known since <RelativeTime at={flow.createdAt} />
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Panel>
      </PageBody>
    </>
  );
}
