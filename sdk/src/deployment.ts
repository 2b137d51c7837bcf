/** What a flow file says about how its flows shall run by themselves. @see loadDeployments */
import type { DeployInput, DeployTriggerInput, Severity } from '@signalbox/proto/api';
import type { Duration } from './duration.ts';
import type { AnyFlow } from './flow-definition.ts';
import type { ScheduleDefinition } from './schedules.ts';

/** Marks a flow together with how to deploy it. */
export const DEPLOYMENT = Symbol.for('@signalbox/sdk.deployment');

/**
 * `completion`: a run ends so soon after its start. `lateness`: it starts so soon after it is due. `frequency`: a run completes at
 * least so often. `freshness`: an asset is materialized at least so often.
 */
export type ServiceLevel = {
  /** In the workspace. Default: the flow, the deployment and the kind. */
  readonly name?: string;
  /** Whole seconds, from `10s` to 366 days. */
  readonly within: Duration;
  /** Default `moderate`. */
  readonly severity?: Severity;
} & (
  | { readonly kind: 'completion' | 'lateness' | 'frequency' }
  | {
      readonly kind: 'freshness';
      /** Its URI. */
      readonly asset: string;
    }
);

/** How and where a flow shall run by itself. What is left out stays at the control plane's default. */
export interface DeploymentOptions<I = unknown>
  extends Pick<DeployInput, 'description' | 'queue' | 'isolation' | 'onLostAgent' | 'variables'> {
  /** Beside the flow's name: `daily` makes `weather/daily`. */
  readonly name: string;
  /** Work pool whose agents run it. */
  readonly pool: string;
  /** The file that exports the flow: `import.meta`, or the address of a module. Default: the file being deployed, else the program that was started. */
  readonly from?: { readonly url: string };
  /** The file that exports the flow, relative to `from`. Default: `from` itself. */
  readonly entrypoint?: string;
  /** Folder that is the code, relative to `from`; its files are the digest. Default: that of the nearest package.json. */
  readonly root?: string;
  readonly tags?: readonly string[];
  /** Merged under what a run gives. */
  readonly parameters?: Partial<I>;
  /** Default: schedules of an earlier deploy stay. An empty list removes those that came from code. */
  readonly schedules?: readonly ScheduleDefinition[];
  /** One schedule in short: a cron expression, as `cron()` takes it. Not beside `schedules`, `interval` or `rrule`. */
  readonly cron?: string;
  /** One schedule in short: fires every so often, at least 1 s. Not beside `schedules`, `cron` or `rrule`. */
  readonly interval?: Duration;
  /** One schedule in short: an RFC 5545 recurrence, as `rrule()` takes it. Not beside `schedules`, `cron` or `interval`. */
  readonly rrule?: string;
  /** IANA name, of `cron` or `rrule` (default UTC), or of an `interval` of whole days, which then follow that clock. */
  readonly timezone?: string;
  /**
   * What starts it beside schedules: events, their absence, figures, deadlines. Each becomes an automation of the deployment.
   * Default: those of an earlier deploy stay. An empty list removes them.
   */
  readonly triggers?: readonly DeployTriggerInput[];
  /**
   * What is promised of it, or of an asset: each becomes a service level that its deploys own.
   * Default: those of an earlier deploy stay. An empty list removes them.
   * @example slas: [{ kind: 'completion', within: '1h', severity: 'high' }, { kind: 'freshness', asset: 's3://lake/orders', within: '1d' }]
   */
  readonly slas?: readonly ServiceLevel[];
  /** Time between asking a run to end and killing it. Default: 30 s. */
  readonly grace?: Duration;
  /** How long an agent may take to start a run. Default: the launcher's (process: 60 s). */
  readonly startTimeout?: Duration;
  /** Most runs of it at once. Default: no limit. */
  readonly concurrencyLimit?: number;
  /**
   * Most runs at once by a key made from parameters, and what a run does that finds no slot.
   * `{ limit: 1, key: '{{ parameters.customer }}' }` runs one at a time for each customer.
   * `strategy`: `ENQUEUE` waits (default), `CANCEL_NEW` cancels the new run, `CANCEL_OLD` the one that runs longest.
   */
  readonly concurrency?: DeployInput['concurrency'];
}

/** A flow and how to deploy it. */
export interface DeploymentDefinition {
  readonly [DEPLOYMENT]: true;
  readonly flow: AnyFlow;
  readonly options: DeploymentOptions;
}

/** Whether a value is a deployment of any copy of this package. */
export function isDeployment(value: unknown): value is DeploymentDefinition {
  return typeof value === 'object' && value !== null && DEPLOYMENT in value;
}

/** A list of deployments, as it is; it exists so that an editor knows what the list holds. */
export function defineDeployments(deployments: readonly DeploymentDefinition[]): readonly DeploymentDefinition[] {
  return deployments;
}
