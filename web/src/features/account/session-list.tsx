'use client';
import { Button } from '../../components/ui/button.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Tag } from '../../components/ui/tag.tsx';
import { askAuth } from './ask-auth.ts';
import type { OwnSecurity } from './queries.ts';
import { useChange } from './use-change.ts';

export function SessionList({ sessions }: Pick<OwnSecurity, 'sessions'>) {
  const end = useChange((id: string) => askAuth('auth/sessions/revoke', { id }), 'The session is ended');
  return (
    <ul className="divide-y divide-line">
      {sessions.map((session) => (
        <li key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 text-sm">
          <div className="min-w-48 flex-1">
            <span className="font-medium">
              {browserOf(session.userAgent)} {session.isCurrent && <Tag>this one</Tag>}
            </span>
            <span className="block text-xs text-ink-3">
              by {session.method} · {session.address ?? 'address unknown'}
            </span>
          </div>
          <span className="text-ink-2">
            begun <RelativeTime at={session.createdAt} /> · used <RelativeTime at={session.lastUsedAt} />
          </span>
          {!session.isCurrent && (
            <Button
              variant="quiet"
              size="sm"
              aria-label={`End the session of ${browserOf(session.userAgent)} from ${session.address ?? 'an unknown address'}`}
              isBusy={end.isPending && end.variables === session.id}
              onClick={() => end.mutate(session.id)}
            >
              End
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** `Chrome on Linux`, as far as the header tells. */
function browserOf(userAgent: string | null): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(userAgent ?? '')?.[1];
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(userAgent ?? '')?.[1];
  if (!browser) return userAgent ? userAgent.slice(0, 40) : 'Unknown program';
  const name = { Edg: 'Edge', OPR: 'Opera' }[browser] ?? browser;
  return system ? `${name} on ${system === 'Mac OS X' ? 'macOS' : system}` : name;
}
