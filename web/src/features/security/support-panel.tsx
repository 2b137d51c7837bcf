'use client';
import type { Support } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { api } from '../../lib/trpc/client.ts';
import { securityQueries } from './queries.ts';
import { useSecure } from './use-secure.ts';

/** Whether operators of the installation may act as members, and who did. */
export function SupportPanel() {
  const support = useQuery(securityQueries(api).support());
  const save = useSecure((allowed: boolean) => api.support.set.mutate({ allowed }), 'Saved');
  return (
    <Panel title="Support">
      {support.isPending ? (
        <SkeletonRows count={2} />
      ) : support.isError ? (
        <ErrorState error={support.error} onRetry={() => void support.refetch()} />
      ) : (
        <>
          <div className="flex items-start gap-3 border-b border-line p-4 text-sm">
            <Switch
              id="support-allowed"
              isOn={support.data.allowed}
              disabled={save.isPending}
              onChange={(allowed) => save.mutate(allowed)}
            />
            <label htmlFor="support-allowed">
              Operators of this installation may act as a member
              <span className="mt-0.5 block text-ink-2">
                With a reason and an end, under both names in the audit. They can give nobody access, and change no way to sign in.
                Switching it off ends what is open.
              </span>
            </label>
          </div>
          {support.data.sessions.length === 0 ? (
            <EmptyState title="Nobody was here">
              <p>Each visit is listed here: who it was, in whose place, and why.</p>
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line">
              {support.data.sessions.map((session) => (
                <Visit key={`${session.createdAt} ${session.operator}`} session={session} />
              ))}
            </ul>
          )}
        </>
      )}
    </Panel>
  );
}

function Visit({ session }: { session: Support['sessions'][number] }) {
  const { operator, as, reason, createdAt, enteredAt, endedAt, expiresAt } = session;
  const isOver = endedAt !== null || Date.parse(expiresAt) <= Date.now();
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 text-sm">
      <span className="min-w-0 flex-1">
        <strong className="font-medium">{operator}</strong> as {as ?? 'a former member'}: {reason}
      </span>
      <span className={isOver ? 'text-ink-3' : 'text-late'}>{isOver ? 'over' : enteredAt ? 'is here' : 'has not come yet'}</span>
      <span className="w-32 text-right text-ink-2">
        <RelativeTime at={createdAt} />
      </span>
    </li>
  );
}
