// Made by `signalbox generate`. Make it again when a deployment's parameters change.
import { type ChildRun, type RunDeploymentOptions, runDeployment } from '@signalbox/sdk';

type Given<P> = Omit<RunDeploymentOptions, 'parameters'> &
  (Record<string, never> extends P ? { readonly parameters?: P } : { readonly parameters: P });

/** A deployment that runs elsewhere. In a flow its run is a child; else `SIGNALBOX_URL` and `SIGNALBOX_API_KEY` say whom to ask. */
const remote = <P>(ref: string) => ({
  ref,
  run: <R = unknown>(options: Given<P>): Promise<ChildRun<R>> => runDeployment<R>(ref, options as RunDeploymentOptions),
});

export interface RegionOneParameters {
  name: string;
}

/** region/one */
export const regionOne = remote<RegionOneParameters>('region/one');
