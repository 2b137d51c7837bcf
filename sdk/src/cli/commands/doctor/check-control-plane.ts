/** Whether the control plane answers, and whether an agent would take the runs of this project's pools. */
import type { Me } from '@signalbox/proto/api';
import { isSignalboxError } from '../../../client/index.ts';
import { SDK_VERSION } from '../../../version.ts';
import type { Context } from '../../context.ts';
import type { Finding } from './finding.ts';

/** One finding for the control plane, then one a pool. */
export async function checkControlPlane(context: Context, pools: readonly string[]): Promise<Finding[]> {
  const { url } = await context.settings();
  try {
    const client = await context.client();
    const me = await client.me.get.query();
    const reachable: Finding = { check: 'control plane', status: 'ok', message: `${url} answers` };
    const [clock, agents, ...places] = await Promise.all([
      checkClock(url),
      checkAgents(context, pools),
      ...pools.map((pool) => checkPool(context, pool)),
    ]);
    return [reachable, checkAccess(me), clock, ...places, ...agents];
  } catch (error) {
    if (!isSignalboxError(error)) throw error;
    const hint =
      error.code === 'UNAUTHENTICATED' ? 'signalbox login' : 'is the address right? (--url, SIGNALBOX_URL, signalbox profile ls)';
    return [{ check: 'control plane', status: 'failed', message: `${url}: ${error.message}`, hint }];
  }
}

const WANTED = ['deployments:write', 'runs:create'];

/** Who asks, and whether they may do what a project needs. */
function checkAccess({ actor, workspace, scopes }: Me): Finding {
  const check = 'sign-in';
  const who = actor.kind === 'user' ? actor.email : actor.name;
  if (!workspace) return { check, status: 'failed', message: `${who} is in no workspace`, hint: 'ask its owner for an invitation' };
  const missing = WANTED.filter((scope) => !scopes.includes(scope));
  const message = `${who}, ${workspace.role} of the workspace ${workspace.slug}`;
  if (missing.length === 0) return { check, status: 'ok', message };
  const hint = 'a deploy needs the first, a run the second: ask an owner of the workspace';
  return { check, status: 'warning', message: `${message}, without ${missing.join(' and ')}`, hint };
}

const MOST_OFF_MS = 30_000;

/** By the header of the answer, which has whole seconds. */
export async function checkClock(url: string, fetchFrom: typeof fetch = fetch): Promise<Finding> {
  const check = 'clock';
  const sentAt = Date.now();
  const date = await fetchFrom(`${url}/health`, { signal: AbortSignal.timeout(5_000) })
    .then((response) => response.headers.get('date'))
    .catch(() => null);
  const theirs = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(theirs)) return { check, status: 'warning', message: 'could not be compared: the control plane gives no time' };
  const offMs = (sentAt + Date.now()) / 2 - (theirs + 500);
  if (Math.abs(offMs) <= MOST_OFF_MS) return { check, status: 'ok', message: 'agrees with the control plane' };
  const message = `${Math.round(Math.abs(offMs) / 1_000)} s ${offMs > 0 ? 'ahead of' : 'behind'} the control plane`;
  return { check, status: 'warning', message, hint: 'schedules go by its clock; set this one by NTP' };
}

/** Agents of these pools whose version is another than the command's, or whose clock is off. */
async function checkAgents(context: Context, pools: readonly string[]): Promise<Finding[]> {
  const client = await context.client();
  const { items } = await client.agents.list.query({ limit: 200 });
  return items
    .filter(({ pool, status }) => pools.includes(pool.name) && status === 'online')
    .flatMap(({ name, version, clockOffsetMs }): Finding[] => {
      const check = `agent ${name}`;
      const findings: Finding[] = [];
      if (version !== null && minorOf(version) !== minorOf(SDK_VERSION))
        findings.push({
          check,
          status: 'warning',
          message: `is of version ${version}, and this command of ${SDK_VERSION}`,
          hint: 'bring both to one version',
        });
      if (clockOffsetMs !== null && Math.abs(clockOffsetMs) > MOST_OFF_MS)
        findings.push({
          check,
          status: 'warning',
          message: `its clock is off by ${Math.round(clockOffsetMs / 1_000)} s`,
          hint: 'set it by NTP',
        });
      return findings;
    });
}

function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

async function checkPool(context: Context, pool: string): Promise<Finding> {
  const check = `pool ${pool}`;
  const client = await context.client();
  try {
    const { status, paused, agents } = await client.workPools.get.query({ pool });
    if (paused) return { check, status: 'warning', message: 'is paused', hint: `signalbox pools resume ${pool}` };
    if (agents.online > 0) return { check, status: 'ok', message: `${agents.online} agent${agents.online === 1 ? '' : 's'} online` };
    return {
      check,
      status: 'failed',
      message: `no agent is online (${status})`,
      hint: `signalbox agents join-code ${pool}, then start one`,
    };
  } catch (error) {
    if (!isSignalboxError(error) || error.code !== 'NOT_FOUND') throw error;
    return { check, status: 'failed', message: 'does not exist', hint: `signalbox pools create ${pool}` };
  }
}
