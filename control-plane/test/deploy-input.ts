/** A deploy that is fine as it is; suites change what they are about. */
import type { DeployInput } from '@signalbox/proto/api';

export function deployOf(changes: Partial<DeployInput> = {}): DeployInput {
  return {
    flow: 'weather',
    name: 'daily',
    pool: 'local',
    source: { kind: 'path', root: '/srv/flows', entrypoint: 'weather/flow.ts', exportName: 'weather' },
    digest: 'sha256:one',
    ...changes,
  };
}
