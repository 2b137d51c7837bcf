'use client';
import type { AuditVerdict } from '@signalbox/proto/api';
import { useMutation } from '@tanstack/react-query';
import { ShieldCheck } from 'lucide-react';
import { Button } from '../../components/ui/button.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { plural } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import type { AuditOf } from './queries.ts';

const SHOWN = 20;

/** Whether anybody changed the record since it was written. */
export function useVerifyChain(of: AuditOf) {
  return useMutation({
    mutationFn: async () => {
      const sum = { links: 0, entries: 0, purged: 0, unsealed: 0, sealedUntil: null as string | null, problems: [] as string[] };
      let from: number | null = 1;
      while (from !== null) {
        const verdict: AuditVerdict = await (of === 'workspace'
          ? api.audit.verify.query({ from })
          : api.audit.verifyOrganization.query({ from }));
        sum.links += verdict.links;
        sum.entries += verdict.entries;
        sum.purged += verdict.purged;
        sum.unsealed = verdict.unsealed;
        sum.sealedUntil = verdict.sealedUntil;
        sum.problems.push(...verdict.problems.map(({ link, what }) => `link ${link} ${what}`));
        from = verdict.next;
      }
      return sum;
    },
    onError: () => {},
  });
}

type Verify = ReturnType<typeof useVerifyChain>;

export function VerifyButton({ verify }: { verify: Verify }) {
  return (
    <Button isBusy={verify.isPending} onClick={() => verify.mutate()}>
      {!verify.isPending && <ShieldCheck aria-hidden className="size-3.5" />}
      Verify
    </Button>
  );
}

export function VerifyResult({ verify: { data, error } }: { verify: Verify }) {
  if (error) return <Notice tone="danger" role="alert" title={readError(error).message} />;
  if (!data) return null;
  if (data.problems.length > 0)
    return (
      <Notice tone="danger" role="alert" title={`The record was changed: ${plural(data.problems.length, 'place')} does not fit`}>
        <ul className="list-disc pl-5">
          {data.problems.slice(0, SHOWN).map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
        {data.problems.length > SHOWN && <p>and {data.problems.length - SHOWN} more</p>}
      </Notice>
    );
  return (
    <Notice tone="info" role="status" title="Nobody changed anything">
      {plural(data.entries, 'sealed entry', 'sealed entries')} in {plural(data.links, 'link')} of the organization’s chain are as they were
      written
      {data.sealedUntil && (
        <>
          , up to <RelativeTime at={data.sealedUntil} />
        </>
      )}
      . {data.unsealed > 0 && `${plural(data.unsealed, 'newer entry', 'newer entries')} will be sealed within a minute. `}
      {data.purged > 0 && `${plural(data.purged, 'link')} lost its entries to retention; the chain through them holds.`}
    </Notice>
  );
}
