import { PageBody, PageHeader } from '../../../../components/layout/page-header.tsx';
import { Panel } from '../../../../components/ui/panel.tsx';
import { SkeletonRows } from '../../../../components/ui/skeleton.tsx';

export default function Loading() {
  return (
    <>
      <PageHeader title="Agent" />
      <PageBody>
        <Panel>
          <SkeletonRows />
        </Panel>
      </PageBody>
    </>
  );
}
