import { PageHeader } from '../../../components/layout/page-header.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';

export default function Loading() {
  return (
    <>
      <PageHeader title="Bulk jobs" />
      <SkeletonRows count={6} />
    </>
  );
}
