import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { decimalOrNone, wholeNumber, wholeNumberOrNone } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

const REF = 'name or id of the pool';

export function definePools(program: Command, bind: Bind): void {
  const pools = program.command('pools').description('List, show, create, change, pause, resume and delete work pools');
  const ls = pools
    .command('ls')
    .description('List work pools')
    .action(bind(async () => (await import('./list-pools.ts')).listPools));
  examples(ls, 'signalbox pools ls');
  const show = pools
    .command('show')
    .description('Show one pool: queues, agents, and who holds its slots')
    .argument('<pool>', REF)
    .action(bind(async () => (await import('./show-pool.ts')).showPool));
  examples(show, 'signalbox pools show local');
  const create = pools
    .command('create')
    .description('Create a work pool')
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .option('--description <text>', 'what it is for')
    .option('--limit <n>', 'most runs at once (default: no limit)', wholeNumberOrNone)
    .option('--cost-per-hour <n>', 'what an hour of one run costs there, for figures of cost', decimalOrNone)
    .action(bind(async () => (await import('./create-pool.ts')).createPool));
  examples(create, 'signalbox pools create gpu --limit 4');
  const update = pools
    .command('update')
    .description('Change a work pool')
    .argument('<pool>', REF)
    .option('--description <text>', 'what it is for')
    .option('--limit <n>', 'most runs at once, or none', wholeNumberOrNone)
    .option('--cost-per-hour <n>', 'what an hour of one run costs there, or none', decimalOrNone)
    .action(bind(async () => (await import('./update-pool.ts')).updatePool));
  examples(
    update,
    'signalbox pools update gpu --limit 8',
    'signalbox pools update gpu --limit none',
    'signalbox pools update gpu --cost-per-hour 1.25',
  );
  const pause = pools
    .command('pause')
    .description('Hold back the runs of a pool; runs under way go on')
    .argument('<pool>', REF)
    .action(bind(async () => (await import('./pause-pool.ts')).pausePool));
  examples(pause, 'signalbox pools pause gpu');
  const resume = pools
    .command('resume')
    .description('Let a paused pool start runs again')
    .argument('<pool>', REF)
    .action(bind(async () => (await import('./pause-pool.ts')).resumePool));
  examples(resume, 'signalbox pools resume gpu');
  const slots = pools
    .command('slots')
    .description('List the runs that hold its slots, longest first')
    .argument('<pool>', REF)
    .option('--limit <n>', 'most runs to list (default: 50)', wholeNumber)
    .action(bind(async () => (await import('./list-slots.ts')).listPoolSlots));
  examples(slots, 'signalbox pools slots gpu');
  const template = pools.command('template').description("Show and change a pool's job template: its variables and their defaults");
  examples(template, 'signalbox pools template get gpu > template.json', 'signalbox pools template set gpu template.json');
  const getTemplate = template
    .command('get')
    .description('Print the template in force')
    .argument('<pool>', REF)
    .action(bind(async () => (await import('./pool-template.ts')).getTemplate));
  examples(getTemplate, 'signalbox pools template get gpu > template.json');
  const setTemplate = template
    .command('set')
    .description('Set the template; it holds from the next claim on')
    .argument('<pool>', REF)
    .argument('<file>', 'JSON: { "variables": JSON Schema, "job": ... }; - reads standard input')
    .action(bind(async () => (await import('./pool-template.ts')).setTemplate));
  examples(setTemplate, 'signalbox pools template set gpu template.json');
  const resetTemplate = template
    .command('reset')
    .description("Give back the launcher's own template")
    .argument('<pool>', REF)
    .action(bind(async () => (await import('./pool-template.ts')).resetTemplate));
  examples(resetTemplate, 'signalbox pools template reset gpu');
  const remove = pools
    .command('delete')
    .description('Delete a work pool')
    .argument('<pool>', REF)
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./delete-pool.ts')).deletePool));
  examples(remove, 'signalbox pools delete gpu --yes');
}
