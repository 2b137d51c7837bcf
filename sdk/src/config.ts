/** `signalbox.config.ts`: what a project deploys, and how its flow files are read. */
import type { DeploymentDefinition, DeploymentOptions } from './deployment.ts';

/** Marks a configuration. */
export const CONFIG = Symbol.for('@signalbox/sdk.config');

/** A deployment of a flow that is known by its name: the configuration imports no flow file. */
export interface NamedDeployment extends DeploymentOptions {
  /** Name of a flow that one of the files in `flows` exports. */
  readonly flow: string;
}

export interface SignalboxConfig {
  /**
   * Files that export flows, relative to the configuration, with `*` and `**`. Default: every `flow.ts` and `*.flow.ts`, and
   * what lies below `flows/` and `src/flows/` (also `.mts`, `.cts`, `.js`, `.mjs`, `.cjs`); never tests, `node_modules`, `dist`.
   */
  readonly flows?: string | readonly string[];
  /**
   * A module that teaches Node to read the flow files, where stripping their types is not enough (enums, decorators,
   * paths of tsconfig.json): `tsx`, `@swc-node/register/esm-register`. Used here, and by every agent that runs the deployments.
   */
  readonly loader?: string;
  /** Beside those that the flow files export themselves. */
  readonly deployments?: readonly (DeploymentDefinition | NamedDeployment)[];
}

/**
 * The configuration of a project, as it is. `signalbox deploy` and `signalbox doctor` read the default export of
 * `signalbox.config.ts`.
 * @example export default defineConfig({ deployments: [{ flow: 'report', name: 'daily', pool: 'local', schedules: [cron('0 6 * * *')] }] });
 */
export function defineConfig(config: SignalboxConfig): SignalboxConfig {
  return { ...config, [CONFIG]: true } as SignalboxConfig;
}

/** @internal */
export function isNamed(deployment: DeploymentDefinition | NamedDeployment): deployment is NamedDeployment {
  return typeof deployment.flow === 'string';
}
