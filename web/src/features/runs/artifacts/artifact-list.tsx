'use client';
import type { UseQueryResult } from '@tanstack/react-query';
import { CodeBlock } from '../../../components/ui/code-block.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import type { StoredArtifact } from '../queries.ts';
import { ArtifactView } from './artifact-view.tsx';

export function ArtifactList({ artifacts, isLive }: { artifacts: UseQueryResult<StoredArtifact[]>; isLive: boolean }) {
  if (artifacts.isPending) return <SkeletonRows count={3} />;
  if (artifacts.isError) return <ErrorState error={artifacts.error} onRetry={() => void artifacts.refetch()} />;
  if (artifacts.data.length === 0) {
    return (
      <EmptyState title={isLive ? 'No artifacts yet' : 'No artifacts'}>
        <p>A flow can publish texts, tables, progress and links. They show here, while it runs:</p>
        <div className="text-left">
          <CodeBlock label="Example" text={"artifact.markdown({ key: 'report', markdown: '# Done' });"} />
        </div>
      </EmptyState>
    );
  }
  return (
    <div className="space-y-4">
      {artifacts.data.map((artifact) => (
        <ArtifactView key={artifact.id} artifact={artifact} />
      ))}
    </div>
  );
}
