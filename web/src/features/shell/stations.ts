import {
  CalendarClock,
  CalendarDays,
  ChartColumn,
  Cpu,
  Gauge,
  KeyRound,
  Layers,
  ScrollText,
  Settings,
  TrainTrack,
  Workflow,
} from 'lucide-react';
import type { Station } from '../../components/layout/track-nav.tsx';
import { paths } from '../../lib/paths.ts';

/** The console's places, in the order of the side bar and of the command palette. */
export const STATIONS: readonly Station[] = [
  { href: paths.runs(), label: 'Runs', icon: TrainTrack },
  { href: paths.deployments, label: 'Deployments', icon: CalendarClock },
  { href: paths.calendars, label: 'Calendars', icon: CalendarDays },
  { href: paths.flows, label: 'Flows', icon: Workflow },
  { href: paths.workPools, label: 'Work pools', icon: Layers },
  { href: paths.limits, label: 'Limits', icon: Gauge },
  { href: paths.agents, label: 'Agents', icon: Cpu },
  { href: paths.access, label: 'Access', icon: KeyRound },
  { href: paths.audit, label: 'Audit', icon: ScrollText },
  { href: paths.usage, label: 'Usage', icon: ChartColumn },
  { href: paths.settings, label: 'Settings', icon: Settings },
];
