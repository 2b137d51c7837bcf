// biome-ignore-all lint/a11y/noNoninteractiveElementToInteractiveRole: a list that a combobox controls has these very roles.
'use client';
import { useQuery } from '@tanstack/react-query';
import { ArrowLeftRight, CalendarClock, CornerDownLeft, Gauge, Layers, type LucideIcon, TrainTrack } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { Dialog } from 'radix-ui';
import { useDeferredValue, useEffect, useId, useState } from 'react';
import { OVERLAY } from '../../components/ui/dialog.tsx';
import { cn } from '../../lib/class-names.ts';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { deploymentQueries } from '../deployments/queries.ts';
import { limitQueries } from '../limits/queries.ts';
import { runQueries } from '../runs/queries.ts';
import { workPoolQueries } from '../work-pools/queries.ts';
import { openWorkspace } from '../workspaces/open-workspace.ts';
import { workspaceQueries } from '../workspaces/queries.ts';
import { useSession } from './session.tsx';
import { useLines } from './stations.ts';

interface Choice {
  readonly key: string;
  readonly label: string;
  readonly kind: string;
  readonly href: string;
  /** Instead of going to `href`. */
  readonly run?: () => void;
  readonly icon: LucideIcon;
}

/** Ctrl-K or Cmd-K: places, and what is found by name or id. */
export function CommandPalette({ isOpen, onOpenChange }: { isOpen: boolean; onOpenChange: (isOpen: boolean) => void }) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      onOpenChange(!isOpen);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [isOpen, onOpenChange]);
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className={OVERLAY} />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-3 top-[12vh] z-50 mx-auto max-w-xl animate-pop overflow-hidden rounded-lg border border-line bg-raised shadow-pop"
        >
          <Dialog.Title className="sr-only">Go to</Dialog.Title>
          <Palette onDone={() => onOpenChange(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Palette({ onDone }: { onDone: () => void }) {
  const router = useRouter();
  const listId = useId();
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const choices = useChoices(useDeferredValue(text.trim()));
  const at = Math.min(active, choices.length - 1);
  const activeId = choices[at] ? `${listId}-${at}` : undefined;
  // By keys one may come to what is out of sight.
  useEffect(() => {
    if (activeId) document.getElementById(activeId)?.scrollIntoView({ block: 'nearest' });
  }, [activeId]);
  const go = (choice: Choice | undefined) => {
    if (!choice) return;
    onDone();
    if (choice.run) choice.run();
    else router.push(choice.href);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'ArrowDown') setActive(Math.min(at + 1, choices.length - 1));
    else if (event.key === 'ArrowUp') setActive(Math.max(at - 1, 0));
    else if (event.key === 'Enter') go(choices[at]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={activeId}
        aria-label="Go to a page, run, deployment, work pool or workspace"
        placeholder="Go to a page, run, deployment, work pool or workspace"
        className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={listId} role="listbox" aria-label="Places" className="max-h-[50vh] overflow-y-auto p-1.5">
        {choices.map(({ key, label, kind, icon: Icon }, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the combobox, which keeps the focus.
          <li
            key={key}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === at}
            tabIndex={-1}
            onPointerMove={() => setActive(index)}
            onClick={() => go(choices[index])}
            className={cn('flex h-9 cursor-default items-center gap-3 rounded-md px-3 text-sm', index === at && 'bg-hover')}
          >
            <Icon aria-hidden className="size-4 text-ink-3" strokeWidth={1.75} />
            <span className="min-w-0 flex-1 truncate">{label}</span>
            <span className="text-2xs text-ink-3">{kind}</span>
            {index === at && <CornerDownLeft aria-hidden className="size-3.5 text-ink-3" />}
          </li>
        ))}
        {choices.length === 0 && (
          <li className="px-3 py-6 text-center text-sm text-ink-3">Nothing by that name. Try part of a run’s name, or paste its id.</li>
        )}
      </ul>
    </>
  );
}

function useChoices(text: string): Choice[] {
  const { me } = useSession();
  const lines = useLines();
  const found = { enabled: text.length > 1, staleTime: 10_000 };
  const runs = useQuery({ ...runQueries(api).search(text), ...found });
  const deployments = useQuery({ ...deploymentQueries(api).search(text), ...found });
  const pools = useQuery({ ...workPoolQueries(api).list(), ...found });
  const workspaces = useQuery(workspaceQueries(api).list());
  const limits = useQuery({ ...limitQueries(api).list(), ...found });
  const wanted = text.toLowerCase();
  const places = lines
    .flatMap(({ stations }) => stations)
    .filter(({ label }) => label.toLowerCase().includes(wanted))
    .map(({ href, label, icon }) => ({
      key: href,
      href,
      label,
      icon,
      kind: 'page',
    }));
  const others = (workspaces.data ?? [])
    .filter(({ id, name, slug }) => id !== me.workspace?.id && `workspace ${name} ${slug}`.toLowerCase().includes(wanted))
    .map(({ id, name, organization }) => ({
      key: id,
      label: `${name} · ${organization.name}`,
      kind: 'switch workspace',
      href: paths.home,
      run: () => openWorkspace(id),
      icon: ArrowLeftRight,
    }));
  if (text.length < 2) return [...places, ...others];
  return [
    ...places,
    ...others,
    ...(deployments.data?.items ?? []).map((each) => ({
      key: each.id,
      label: `${each.flow.name}/${each.name}`,
      kind: 'deployment',
      href: paths.deployment(each.id),
      icon: CalendarClock,
    })),
    ...(pools.data?.items ?? [])
      .filter((each) => each.name.includes(wanted))
      .map((each) => ({ key: each.id, label: each.name, kind: 'work pool', href: paths.workPool(each.name), icon: Layers })),
    ...(limits.data?.items ?? [])
      .filter((each) => each.name.toLowerCase().includes(wanted))
      .map((each) => ({ key: each.id, label: each.name, kind: 'limit', href: paths.limit(each.name), icon: Gauge })),
    ...(runs.data?.items ?? []).map((each) => ({
      key: each.id,
      label: `${each.name} · ${each.flow.name}/${each.deployment.name}`,
      kind: each.state.name,
      href: paths.run(each.id),
      icon: TrainTrack,
    })),
  ];
}
