'use client';
import { useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field, Textarea } from '../../components/ui/field.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { api } from '../../lib/trpc/client.ts';
import { securityQueries } from './queries.ts';
import { useSecure } from './use-secure.ts';

/** One network a line, with a note behind it: `192.0.2.0/24 office`. */
export function NetworkPanel() {
  const networks = useQuery(securityQueries(api).networks());
  const save = useSecure((text: string) => api.networks.set.mutate({ networks: parse(text) }), 'Saved');
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(String(new FormData(event.currentTarget).get('networks')));
  };
  return (
    <Panel title="Networks">
      {networks.isPending ? (
        <SkeletonRows count={2} />
      ) : networks.isError ? (
        <ErrorState error={networks.error} onRetry={() => void networks.refetch()} />
      ) : (
        <form key={networks.dataUpdatedAt} onSubmit={onSubmit} className="space-y-3 p-4">
          <Field
            label="The organization may be reached from"
            hint={`One network a line, a note behind it. Empty: from anywhere. You are at ${networks.data.yourAddress}.`}
          >
            {(control) => (
              <Textarea
                {...control}
                name="networks"
                className="font-mono"
                defaultValue={networks.data.networks.map(({ cidr, note }) => `${cidr} ${note}`.trim()).join('\n')}
                placeholder="192.0.2.0/24 office"
              />
            )}
          </Field>
          <Button type="submit" isBusy={save.isPending}>
            Save
          </Button>
        </form>
      )}
    </Panel>
  );
}

function parse(text: string): { cidr: string; note: string }[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const [cidr = '', ...note] = line.split(/\s+/);
      return { cidr, note: note.join(' ') };
    });
}
