import tab from '@bomb.sh/tab';
import type { Context, GlobalOptions } from '../context.ts';

/** The script asks `signalbox complete -- ...` at each press of the tab key. */
export async function printScript(_context: Context, _options: GlobalOptions, shell: string): Promise<void> {
  tab.setup('signalbox', 'signalbox', shell);
}
