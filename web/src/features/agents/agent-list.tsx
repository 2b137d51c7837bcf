'use client';
import type { Agent } from '@signalbox/proto/api';
import Link from 'next/link';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { ScrollRegion } from '../../components/ui/scroll-region.tsx';
import { formatBytes, formatClockOffset, plural } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { SlotMeter } from '../work-pools/slot-meter.tsx';
import { AgentMenu } from './agent-menu.tsx';
import { AgentStatus } from './agent-status.tsx';

/** A clock this far off is worth a look; nothing depends on it. */
const CLOCK_WORTH_A_LOOK_MS = 5_000;

export function AgentList({ agents, isPoolShown = true }: { agents: readonly Agent[]; isPoolShown?: boolean }) {
  return (
    <ScrollRegion label="Agents" className="overflow-x-auto">
      <table className="w-full min-w-[46rem] text-sm">
        <thead className="text-xs text-ink-3">
          <tr className="h-8 text-left">
            {['Status', 'Agent', ...(isPoolShown ? ['Pool'] : []), 'Slots', 'Clock', 'Version', 'Enrolled', 'Last seen'].map((name) => (
              <th key={name} scope="col" className="px-3 font-normal first:pl-4">
                {name}
              </th>
            ))}
            <td className="w-28" />
          </tr>
        </thead>
        <tbody>
          {agents.map((agent) => (
            <tr key={agent.id} className="h-12 border-t border-line hover:bg-hover">
              <td className="pl-4 pr-3">
                <AgentStatus status={agent.status} />
              </td>
              <th scope="row" className="max-w-56 px-3 text-left">
                <Link href={paths.agent(agent.id)} className="block truncate font-medium hover:text-accent hover:underline">
                  {agent.name}
                </Link>
                <span className="block truncate text-xs font-normal text-ink-3">
                  {hostText(agent)}
                  {agent.spoolBytes ? ` · spool ${formatBytes(agent.spoolBytes)}` : ''}
                </span>
              </th>
              {isPoolShown && (
                <td className="px-3">
                  <Link href={paths.workPool(agent.pool.name)} className="text-ink-2 hover:text-accent hover:underline">
                    {agent.pool.name}
                  </Link>
                </td>
              )}
              <td className="whitespace-nowrap px-3">
                {agent.slots === null ? (
                  <span className="text-ink-3">–</span>
                ) : (
                  <SlotMeter held={agent.held} limit={agent.slots} label="slots taken" />
                )}
                {agent.warm ? <span className="ml-2 text-xs text-ink-3">{agent.warm} warm</span> : null}
              </td>
              <td className="px-3">
                {agent.clockOffsetMs === null ? (
                  <span className="text-ink-3">–</span>
                ) : (
                  <span
                    title="The agent's clock minus ours. Schedules and leases use ours alone."
                    className={Math.abs(agent.clockOffsetMs) > CLOCK_WORTH_A_LOOK_MS ? 'text-late' : 'text-ink-2'}
                  >
                    {formatClockOffset(agent.clockOffsetMs)}
                  </span>
                )}
              </td>
              <td className="px-3 text-ink-2">{agent.version ?? '–'}</td>
              <td className="max-w-48 px-3 text-ink-2">
                <span className="block truncate">{agent.enrolled?.by ?? agent.enrolled?.via ?? '–'}</span>
                <span className="block truncate text-xs text-ink-3">
                  {agent.enrolled?.from ? `from ${agent.enrolled.from}, ` : ''}
                  <RelativeTime at={agent.createdAt} />
                </span>
              </td>
              <td className="px-3 text-ink-2">{agent.lastSeenAt ? <RelativeTime at={agent.lastSeenAt} /> : 'never'}</td>
              <td className="pr-2">
                <AgentMenu agent={agent} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** What the agent told of its machine: `rack-12, linux x64, 8 CPUs`. */
export function hostText(agent: Agent): string {
  const { hostname, os, arch, cpus } = agent.host ?? {};
  const system = [os, arch].filter((part) => typeof part === 'string').join(' ');
  const parts = [
    typeof hostname === 'string' && hostname !== agent.name && hostname,
    system,
    typeof cpus === 'number' && plural(cpus, 'CPU'),
  ];
  return parts.filter(Boolean).join(', ') || 'host unknown';
}
