'use client';
import { PageHeader } from '../../../components/layout/page-header.tsx';
import { JobList } from '../../../features/bulk/job-list.tsx';

export function JobsPage() {
  return (
    <div className="flex h-full flex-col">
      <PageHeader title="Bulk jobs" />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <JobList />
      </div>
    </div>
  );
}
