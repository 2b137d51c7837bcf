import { paths } from '../../lib/paths.ts';
import { rememberWorkspace } from '../../lib/workspace-cookie.ts';

/** Goes there by loading the console anew, so that nothing of the old workspace stays in memory. */
export function openWorkspace(id: string): void {
  rememberWorkspace(id);
  window.location.assign(paths.home);
}
