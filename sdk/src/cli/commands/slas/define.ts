import { type Command, Option } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

const REF = 'name or id of the service level';
const KINDS = ['completion', 'lateness', 'frequency', 'freshness'];
const SEVERITIES = ['minor', 'low', 'moderate', 'high', 'critical'];

export function defineSlas(program: Command, bind: Bind): void {
  const slas = program.command('slas').description('List, show, create, change and delete service levels of deployments and assets');
  const ls = slas
    .command('ls')
    .description('List service levels, and whether they are kept')
    .option('--deployment <deployment>', 'those of this one: flow/name or id')
    .action(bind(async () => (await import('./show-slas.ts')).listSlas));
  examples(ls, 'signalbox slas ls', 'signalbox slas ls --deployment weather/daily');
  const show = slas
    .command('show')
    .description('Show one with its latest violations')
    .argument('<sla>', REF)
    .action(bind(async () => (await import('./show-slas.ts')).showSla));
  examples(show, 'signalbox slas show "daily is done by noon"');
  const create = slas
    .command('create')
    .description('Promise something of a deployment, or how fresh an asset is')
    .argument('<name>', 'what it is called in the workspace')
    .addOption(new Option('--kind <kind>', 'what is promised').choices(KINDS).makeOptionMandatory())
    .requiredOption('--seconds <n>', 'within how long, at least 10', wholeNumber)
    .option('--deployment <deployment>', 'of this one: flow/name or id')
    .option('--asset <uri>', 'of this asset, with --kind freshness')
    .addOption(new Option('--severity <severity>', 'how bad it is').choices(SEVERITIES).default('moderate'))
    .action(bind(async () => (await import('./change-sla.ts')).createSla));
  examples(
    create,
    'signalbox slas create "daily runs daily" --kind frequency --seconds 90000 --deployment weather/daily',
    'signalbox slas create "fresh stations" --kind freshness --seconds 86400 --asset s3://lake/stations.csv --severity high',
  );
  const update = slas
    .command('update')
    .description('Change one, or switch it on or off')
    .argument('<sla>', REF)
    .option('--name <name>', 'another name')
    .option('--seconds <n>', 'within how long', wholeNumber)
    .addOption(new Option('--severity <severity>', 'how bad it is').choices(SEVERITIES))
    .addOption(new Option('--on', 'promise it, from now on').conflicts('off'))
    .option('--off', 'promise it no longer')
    .action(bind(async () => (await import('./change-sla.ts')).updateSla));
  examples(update, 'signalbox slas update "fresh stations" --seconds 43200', 'signalbox slas update "fresh stations" --off');
  const remove = slas
    .command('delete')
    .description('Delete one with its violations')
    .argument('<sla>', REF)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./change-sla.ts')).deleteSla));
  examples(remove, 'signalbox slas delete "fresh stations" --yes');
}
