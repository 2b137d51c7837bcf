import {
  Activity,
  Bell,
  Blocks,
  Bug,
  CalendarClock,
  CalendarDays,
  ChartColumn,
  Cpu,
  Database,
  Gauge,
  Inbox,
  KeyRound,
  Layers,
  ScrollText,
  Settings,
  Siren,
  TrainTrack,
  Variable,
  Webhook,
  Workflow,
  Zap,
} from 'lucide-react';
import type { Line, Station } from '../../components/layout/track-nav.tsx';
import { paths } from '../../lib/paths.ts';
import { useMay } from './session.tsx';

type Place = Station & { readonly scope?: string };

/** The console's places, in the order of the side bar and of the command palette. Shown to who has the scope, also for one thing alone. */
const LINES: readonly { readonly label: string; readonly stations: readonly Place[] }[] = [
  {
    label: 'Work',
    stations: [
      { href: paths.runs(), label: 'Runs', icon: TrainTrack, scope: 'runs:read' },
      { href: paths.inbox, label: 'Inbox', icon: Inbox, scope: 'runs:read' },
      { href: paths.failures, label: 'Failures', icon: Bug, scope: 'runs:read' },
      { href: paths.incidents, label: 'Incidents', icon: Siren, scope: 'incidents:read' },
      { href: paths.deployments, label: 'Deployments', icon: CalendarClock, scope: 'deployments:read' },
      { href: paths.flows, label: 'Flows', icon: Workflow, scope: 'deployments:read' },
      { href: paths.calendars, label: 'Calendars', icon: CalendarDays, scope: 'deployments:read' },
    ],
  },
  {
    label: 'Where it runs',
    stations: [
      { href: paths.workPools, label: 'Work pools', icon: Layers, scope: 'pools:read' },
      { href: paths.agents, label: 'Agents', icon: Cpu, scope: 'agents:read' },
      { href: paths.limits, label: 'Limits', icon: Gauge, scope: 'limits:read' },
    ],
  },
  {
    label: 'What happens',
    stations: [
      { href: paths.events(), label: 'Events', icon: Activity, scope: 'events:read' },
      { href: paths.automations, label: 'Automations', icon: Zap, scope: 'automations:read' },
      { href: paths.webhooks, label: 'Webhooks', icon: Webhook, scope: 'webhooks:read' },
      { href: paths.notifications, label: 'Notifications', icon: Bell, scope: 'notifications:read' },
    ],
  },
  {
    label: 'What it works with',
    stations: [
      { href: paths.assets, label: 'Assets', icon: Database, scope: 'assets:read' },
      { href: paths.blocks, label: 'Blocks', icon: Blocks, scope: 'blocks:read' },
      { href: paths.variables, label: 'Variables', icon: Variable, scope: 'variables:read' },
    ],
  },
  {
    label: 'Who may what',
    stations: [
      { href: paths.access, label: 'Access', icon: KeyRound, scope: 'workspace:read' },
      { href: paths.audit, label: 'Audit', icon: ScrollText, scope: 'audit:read' },
      { href: paths.usage, label: 'Usage', icon: ChartColumn, scope: 'workspace:read' },
      { href: paths.settings, label: 'Settings', icon: Settings },
    ],
  },
];

/** Places that whoever is signed in may go to. */
export function useLines(): readonly Line[] {
  const may = useMay();
  return LINES.map(({ label, stations }) => ({
    label,
    stations: stations.filter(({ scope }) => scope === undefined || may(scope, 'any')),
  })).filter(({ stations }) => stations.length > 0);
}
