/** Serving tasks that are delayed elsewhere. */
import type { AnyTask } from './background.ts';
import { DEPLOYMENT, type DeploymentOptions } from './deployment.ts';
import { isLoading } from './loading.ts';
import { type ServeOptions, serve } from './serve.ts';

export interface ServeTasksOptions extends ServeOptions, Pick<DeploymentOptions, 'root' | 'isolation' | 'concurrencyLimit'> {
  /** `import.meta`, or the address, of the file that exports the tasks. */
  readonly from: { readonly url: string };
  /** Work pool whose agents run them. Default: `local`. */
  readonly pool?: string;
}

/**
 * Registers a deployment `<task>/background` for each task, then runs the installed agent for their pool until Ctrl-C. The
 * file that exports the tasks is another than the program that serves them. Does nothing while a file is only read.
 * @example await serveTasks([sendMail, resize], { from: { url: import.meta.resolve('./tasks.ts') } });
 * @throws Error when `@signalbox/agent` is not installed, `from` does not export a task, or the agent fails.
 */
export async function serveTasks(tasks: readonly AnyTask[], options: ServeTasksOptions): Promise<void> {
  if (isLoading()) return;
  const { backgroundFlow } = await import('./background.ts');
  const { from, pool = 'local', root, isolation = 'reuse', concurrencyLimit, ...serving } = options;
  const deployments = tasks.map((task) => {
    const own = { name: 'background', pool, from, isolation, tags: ['task'], ...(root === undefined ? {} : { root }) };
    const limited = concurrencyLimit === undefined ? own : { ...own, concurrencyLimit };
    return { [DEPLOYMENT]: true as const, flow: backgroundFlow(task), options: limited };
  });
  await serve(deployments, serving);
}
