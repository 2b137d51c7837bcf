/** Whether the control plane answers, and whether an agent would take the runs of this project's pools. */
import { isSignalboxError } from '../../../client/index.ts';
import type { Context } from '../../context.ts';
import type { Finding } from './finding.ts';

/** One finding for the control plane, then one a pool. */
export async function checkControlPlane(context: Context, pools: readonly string[]): Promise<Finding[]> {
  const { url } = await context.settings();
  try {
    const client = await context.client();
    const me = await client.me.get.query();
    const reachable: Finding = {
      check: 'control plane',
      status: 'ok',
      message: `${url} answers, workspace ${me.workspace?.slug ?? 'none'}`,
    };
    return [reachable, ...(await Promise.all(pools.map((pool) => checkPool(context, pool))))];
  } catch (error) {
    if (!isSignalboxError(error)) throw error;
    const hint =
      error.code === 'UNAUTHENTICATED' ? 'signalbox login' : 'is the address right? (--url, SIGNALBOX_URL, signalbox profile ls)';
    return [{ check: 'control plane', status: 'failed', message: `${url}: ${error.message}`, hint }];
  }
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
