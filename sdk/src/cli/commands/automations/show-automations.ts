import type { Automation, AutomationFiring } from '@signalbox/proto/api';
import { stringify } from 'yaml';
import type { Context, GlobalOptions } from '../../context.ts';
import { localTime, relative } from '../../output/time.ts';

export async function listAutomations(context: Context, { search }: GlobalOptions & { search?: string }): Promise<void> {
  const page = await (await context.client()).automations.list.query({ limit: 200, ...(search === undefined ? {} : { search }) });
  if (context.json) return context.printJson(page);
  context.printTable(
    page.items,
    [
      { header: 'AUTOMATION', value: ({ name }) => name, min: 16 },
      { header: 'ON', value: ({ enabled, problem }) => (problem ? 'problem' : enabled ? 'yes' : 'no') },
      { header: 'TRIGGER', value: ({ trigger }) => trigger.type },
      { header: 'ACTIONS', value: ({ onTrigger, onResolve }) => [...onTrigger, ...onResolve].map(({ type }) => type).join(', '), drop: 1 },
      { header: 'LAST FIRED', value: ({ lastFiredAt }) => (lastFiredAt ? relative(lastFiredAt, context.host.now()) : 'never') },
      { header: 'OWNER', value: ({ owner }) => owner.deployment?.path ?? owner.name, drop: 2 },
    ],
    'No automations. Make one with `signalbox automations apply -f FILE`.',
  );
}

/** What `apply` takes, without what the control plane adds. */
function definitionOf({ name, description, enabled, trigger, onTrigger, onResolve }: Automation): object {
  return { name, ...(description === '' ? {} : { description }), enabled, trigger, onTrigger, onResolve };
}

export async function getAutomation(context: Context, _options: GlobalOptions, automation: string): Promise<void> {
  const found = await (await context.client()).automations.get.query({ automation });
  if (context.json) return context.printJson(found);
  if (found.problem) context.print(`# Problem: ${found.problem}`);
  context.print(...stringify(definitionOf(found)).trimEnd().split('\n'));
}

type FiringOptions = GlobalOptions & { failed?: boolean; limit?: number };

export async function listFirings(context: Context, { failed, limit = 20 }: FiringOptions, automation?: string): Promise<void> {
  const page = await (await context.client()).automations.firings.query({
    limit,
    ...(automation === undefined ? {} : { automation }),
    ...(failed ? { failed } : {}),
  });
  if (context.json) return context.printJson(page);
  if (page.items.length === 0) context.print('No firings.');
  for (const firing of page.items) {
    context.print([localTime(firing.firedAt), firing.automation.name, firing.kind, firing.why, context.style.dim(firing.id)].join('  '));
    for (const action of firing.actions) context.print(`  ${actionLine(action)}`);
  }
}

export async function retryAction(context: Context, _options: GlobalOptions, action: string): Promise<void> {
  const firing = await (await context.client()).automations.retryAction.mutate({ action: action as `act_${string}` });
  if (context.json) return context.printJson(firing);
  for (const each of firing.actions) if (each.id === action) context.print(actionLine(each));
}

function actionLine({ id, type, status, attempts }: AutomationFiring['actions'][number]): string {
  const tries = attempts.length > 1 ? ` after ${attempts.length} tries` : '';
  const again = status === 'failed' ? `again: signalbox automations retry ${id}` : '';
  return [`${type}: ${status}${tries}`, attempts.at(-1)?.message, again].filter(Boolean).join('  ');
}
