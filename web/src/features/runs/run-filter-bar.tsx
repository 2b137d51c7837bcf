'use client';
import { RUN_STATES } from '@signalbox/proto';
import { FILTER_TERMS, type FilterProblem } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { ChevronDown, Search, X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Input, Select } from '../../components/ui/field.tsx';
import { Menu, MenuCheckItem } from '../../components/ui/menu.tsx';
import { cn } from '../../lib/class-names.ts';
import { api } from '../../lib/trpc/client.ts';
import { deploymentQueries, flowQueries } from '../deployments/queries.ts';
import { isFiltered, isSameStates, NO_RUN_FILTER, RUN_RANGES, RUN_VIEWS, type RunFilter, type RunRange } from './run-filter.ts';
import { RunStateBadge } from './run-state-badge.tsx';

interface RunFilterBarProps {
  filter: RunFilter;
  onChange: (change: Partial<RunFilter>) => void;
}

export function RunFilterBar({ filter, onChange }: RunFilterBarProps) {
  return (
    <div className="flex flex-wrap items-center gap-2 px-4 pb-3 sm:px-6">
      <fieldset aria-label="States" className="flex max-w-full overflow-x-auto rounded-md border border-line-strong bg-surface p-0.5">
        {RUN_VIEWS.map(({ label, states }) => {
          const isOn = isSameStates(filter.state, states);
          return (
            <button
              key={label}
              type="button"
              aria-pressed={isOn}
              onClick={() => onChange({ state: [...states] })}
              className={cn('h-[26px] rounded-sm px-2.5 text-sm', isOn ? 'bg-ink font-medium text-bg' : 'text-ink-2 hover:text-ink')}
            >
              {label}
            </button>
          );
        })}
      </fieldset>
      <StateMenu filter={filter} onChange={onChange} />
      <SourceSelects filter={filter} onChange={onChange} />
      <Select
        aria-label="Time"
        className="!w-32"
        value={filter.range ?? ''}
        onChange={(event) => onChange({ range: (event.target.value || null) as RunRange | null })}
      >
        <option value="">Any time</option>
        {Object.entries(RUN_RANGES).map(([key, { label }]) => (
          <option key={key} value={key}>
            {label}
          </option>
        ))}
      </Select>
      <TagBox tags={filter.tag} onChange={(tag) => onChange({ tag })} />
      {isFiltered(filter) && (
        <Button variant="quiet" onClick={() => onChange(NO_RUN_FILTER)}>
          <X aria-hidden className="size-3.5" />
          Clear
        </Button>
      )}
    </div>
  );
}

function StateMenu({ filter, onChange }: RunFilterBarProps) {
  const isCustom = !RUN_VIEWS.some(({ states }) => isSameStates(filter.state, states));
  return (
    <Menu
      trigger={
        <Button>
          {isCustom ? `${filter.state.length} ${filter.state.length === 1 ? 'state' : 'states'}` : 'States'}
          <ChevronDown aria-hidden className="size-3.5 text-ink-3" />
        </Button>
      }
    >
      {RUN_STATES.map((type) => (
        <MenuCheckItem
          key={type}
          checked={filter.state.includes(type)}
          onCheckedChange={(isOn) => onChange({ state: isOn ? [...filter.state, type] : filter.state.filter((each) => each !== type) })}
        >
          <RunStateBadge state={{ type }} />
        </MenuCheckItem>
      ))}
    </Menu>
  );
}

interface RunSearchBoxProps {
  value: string;
  problems: readonly FilterProblem[];
  onChange: (value: string) => void;
}

/** A filter's text, or part of a name; `/` gets here. */
export function RunSearchBox({ value, problems, onChange }: RunSearchBoxProps) {
  const [problem] = problems;
  return (
    <div className="relative w-full sm:w-96">
      <Search aria-hidden className="pointer-events-none absolute left-2.5 top-2.5 size-3.5 text-ink-3" />
      <Input
        type="search"
        data-search
        aria-label="Search runs by name or id"
        aria-invalid={problem !== undefined}
        aria-describedby={problem ? 'run-filter-problem' : undefined}
        placeholder="Name, id, or tag:etl duration:>5m"
        title={FILTER_TERMS.map(({ example, help }) => `${example}  ${help}`).join('\n')}
        className="pl-8"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      {problem && (
        <p
          id="run-filter-problem"
          role="status"
          className="absolute inset-x-0 top-full z-10 mt-1 rounded-md border border-line bg-raised px-2 py-1 text-xs text-danger shadow-pop"
        >
          <code>{problem.text}</code>: {problem.message}
        </p>
      )}
    </div>
  );
}

/** Flow and deployment, offered from what exists; what the URL names is kept even when it is not in the first page. */
function SourceSelects({ filter, onChange }: RunFilterBarProps) {
  const flows = useQuery(flowQueries(api).list()).data?.items ?? [];
  const deployments = useQuery(deploymentQueries(api).search('')).data?.items ?? [];
  const flowNames = withCurrent(
    flows.map(({ name }) => name),
    filter.flow,
  );
  const deploymentNames = withCurrent(
    deployments.filter((each) => !filter.flow || each.flow.name === filter.flow).map((each) => `${each.flow.name}/${each.name}`),
    filter.deployment,
  );
  return (
    <>
      <Select
        aria-label="Flow"
        className="!w-32"
        value={filter.flow}
        onChange={(event) => onChange({ flow: event.target.value, deployment: '' })}
      >
        <option value="">Any flow</option>
        {flowNames.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </Select>
      <Select
        aria-label="Deployment"
        className="!w-40"
        value={filter.deployment}
        onChange={(event) => onChange({ deployment: event.target.value })}
      >
        <option value="">Any deployment</option>
        {deploymentNames.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </Select>
    </>
  );
}

function withCurrent(names: string[], current: string): string[] {
  return current && !names.includes(current) ? [current, ...names] : names;
}

function TagBox({ tags, onChange }: { tags: string[]; onChange: (tags: string[]) => void }) {
  const [text, setText] = useState('');
  const add = () => {
    const tag = text.trim();
    setText('');
    if (tag && !tags.includes(tag)) onChange([...tags, tag]);
  };
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {tags.map((tag) => (
        <button
          key={tag}
          type="button"
          aria-label={`Remove tag ${tag}`}
          onClick={() => onChange(tags.filter((each) => each !== tag))}
          className="inline-flex h-6 items-center gap-1 rounded-full border border-line-strong bg-surface px-2 text-xs hover:bg-hover"
        >
          {tag}
          <X aria-hidden className="size-3 text-ink-3" />
        </button>
      ))}
      <Input
        aria-label="Filter by tag"
        placeholder="Tag"
        className="!w-20"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={add}
        onKeyDown={(event) => {
          if (event.key === 'Enter') add();
          else if (event.key === 'Backspace' && text === '') onChange(tags.slice(0, -1));
        }}
      />
    </div>
  );
}
