'use client';
import { X } from 'lucide-react';
import { Button } from '../../components/ui/button.tsx';
import { Input, Select } from '../../components/ui/field.tsx';
import { EVENT_RANGES, type EventFilter, type EventRange, isFiltered, NO_EVENT_FILTER } from './event-filter.ts';

interface EventFilterBarProps {
  filter: EventFilter;
  /** Names that are there, most frequent first, to choose from. */
  names: readonly string[];
  onChange: (change: Partial<EventFilter>) => void;
}

export function EventFilterBar({ filter, names, onChange }: EventFilterBarProps) {
  return (
    <div className="flex flex-wrap items-center gap-2 px-4 pb-3 sm:px-6">
      <Input
        type="search"
        data-search
        aria-label="Names of events"
        placeholder="run.*, !run.Late"
        title="Names, with * for any text; ! before one leaves it out"
        list="event-names"
        className="!w-full sm:!w-64"
        value={filter.name}
        onChange={(event) => onChange({ name: event.target.value })}
      />
      <datalist id="event-names">
        {names.slice(0, 100).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Input
        type="search"
        aria-label="Text in the event"
        placeholder="Text in it"
        maxLength={200}
        className="!w-40"
        value={filter.text}
        onChange={(event) => onChange({ text: event.target.value })}
      />
      <Input
        type="search"
        aria-label="Id of a thing that it is about"
        placeholder="About: run_…, dep_…"
        maxLength={2_000}
        className="!w-48"
        value={filter.about}
        onChange={(event) => onChange({ about: event.target.value.trim() })}
      />
      <Select
        aria-label="Time"
        className="!w-40"
        value={filter.from ? 'chosen' : filter.range}
        onChange={(event) => onChange({ range: event.target.value as EventRange, from: '', to: '' })}
      >
        {filter.from && <option value="chosen">The stretch chosen</option>}
        {Object.entries(EVENT_RANGES).map(([key, { label }]) => (
          <option key={key} value={key}>
            {label}
          </option>
        ))}
      </Select>
      {isFiltered(filter) && (
        <Button variant="quiet" onClick={() => onChange(NO_EVENT_FILTER)}>
          <X aria-hidden className="size-3.5" />
          Clear
        </Button>
      )}
    </div>
  );
}
