import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

export function defineAssets(program: Command, bind: Bind): void {
  const assets = program.command('assets').description('List, show and delete what tasks make outside: when it was made, and from what');
  const ls = assets
    .command('ls')
    .description('List assets')
    .option('--search <text>', 'part of the URI or the name')
    .option('--stale <duration>', 'those not made for so long, or never: 6h, 7d')
    .action(bind(async () => (await import('./show-assets.ts')).listAssets));
  examples(ls, 'signalbox assets ls', 'signalbox assets ls --stale 1d');
  const inspect = assets
    .command('inspect')
    .description('Show one asset, what it is made from and what is made from it, and the last times it was made')
    .argument('<uri>', 'URI of the asset')
    .action(bind(async () => (await import('./show-assets.ts')).inspectAsset));
  examples(inspect, 'signalbox assets inspect s3://lake/orders');
  const remove = assets
    .command('delete')
    .description('Delete an asset with its history; it comes back when it is made again')
    .argument('<uri>', 'URI of the asset')
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./show-assets.ts')).deleteAsset));
  examples(remove, 'signalbox assets delete s3://lake/orders --yes');
}
