import { Skeleton } from '../../../../components/ui/skeleton.tsx';

export default function Loading() {
  return (
    <div role="status" aria-label="Loading" className="space-y-4 px-6 pt-4">
      <Skeleton className="h-4 w-40" />
      <Skeleton className="h-7 w-72" />
      <Skeleton className="h-10 w-full max-w-2xl" />
      <Skeleton className="h-72 w-full" />
      <Skeleton className="h-96 w-full" />
    </div>
  );
}
