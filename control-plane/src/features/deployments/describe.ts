/** For every effective value: which layer it comes from, who set it, why, and until when. */
import type { DescribedDeployment, EffectiveValue } from '@signalbox/proto/api';
import { DEPLOYMENT_FIELDS, isOverridable } from '@signalbox/proto/api';
import { overlaySayings } from '../../domain/layers/overlay.ts';
import { toPaths } from '../../domain/layers/paths.ts';
import { defaultsOf, templateOf } from '../../domain/layers/pool-template.ts';
import { REMOVED, resolve } from '../../domain/layers/resolve.ts';
import { notFound } from '../../platform/errors.ts';
import type { Ctx } from '../../platform/services.ts';
import { findTemplate } from '../work-pools/index.ts';
import { readCurrentVersion, readOverlay, showEntry } from './layers-store.ts';
import { valuesUnder } from './materialize.ts';
import { findDeploymentRef } from './store.ts';

export async function describeDeployment(ctx: Ctx, input: { deployment: string }): Promise<DescribedDeployment> {
  const ref = await findDeploymentRef(ctx.tx, ctx.workspace.id, input.deployment);
  if (!ref) throw notFound('deployment', input.deployment);
  const { code, digest, number } = await readCurrentVersion(ctx.tx, ref.id);
  const overlay = (await readOverlay(ctx.tx, ref.id)).map(showEntry);
  const pool = await findTemplate(ctx, valuesUnder({ code }, overlay).pool);
  const poolSayings = toPaths({ variables: pool ? defaultsOf(templateOf(pool.launcher, pool.template).variables) : {} });
  const layers = { pool: poolSayings, code: toPaths(code), overlay: overlaySayings(overlay.map((entry) => ({ value: null, ...entry }))) };
  const fields = resolve(layers).map(
    ({ path, field, value, from, layers: said }): EffectiveValue => ({
      path,
      field,
      ...plain(value),
      from,
      layers: said.map((each) => ({ layer: each.layer, ...plain(each.value), removed: each.value === REMOVED })),
      overlay: overlay.find((entry) => entry.path === path) ?? null,
      overridable: isOverridable(field),
      // A key of a map is whatever its schema wants.
      input: path === field ? DEPLOYMENT_FIELDS[field].input : 'json',
      about: DEPLOYMENT_FIELDS[field].about,
    }),
  );
  return { deployment: `${ref.flowName}/${ref.name}`, digest, version: number, fields };
}

function plain(value: unknown): { value?: unknown } {
  return value === REMOVED ? {} : { value };
}
