import { type Command, Option } from 'commander';
import { examples } from '../../examples.ts';
import { collect } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

const REF = 'id of the incident';
const SEVERITIES = ['minor', 'low', 'moderate', 'high', 'critical'];

export function defineIncidents(program: Command, bind: Bind): void {
  const incidents = program.command('incidents').description('Declare, follow and resolve incidents');
  const ls = incidents
    .command('ls')
    .description('List incidents that are not resolved, newest first')
    .option('--all', 'resolved ones too')
    .option('--about <id>', 'those about this run, deployment, group of failures or firing')
    .option('--cursor <cursor>', 'go on after this page (nextCursor of --json)')
    .action(bind(async () => (await import('./show-incidents.ts')).listIncidents));
  examples(ls, 'signalbox incidents ls', 'signalbox incidents ls --all');
  const show = incidents
    .command('show')
    .description('Show one with its timeline')
    .argument('<incident>', REF)
    .action(bind(async () => (await import('./show-incidents.ts')).showIncident));
  examples(show, 'signalbox incidents show inc_01h455vb4pex5vsknk084sn02q');
  const about = (command: Command) =>
    command
      .option('--run <id>', 'a run that it is about (repeatable)', collect, [])
      .option('--deployment <id>', 'a deployment that it is about (repeatable)', collect, [])
      .option('--failure <id>', 'a group of failures that it is about (repeatable)', collect, [])
      .option('--firing <id>', 'a firing of an automation that it is about (repeatable)', collect, []);
  const declare = about(incidents.command('declare'))
    .description('Declare an incident')
    .argument('<title>', 'what is wrong, in one line')
    .addOption(new Option('--severity <severity>', 'how bad it is').choices(SEVERITIES).default('moderate'))
    .option('--summary <text>', 'what is known')
    .option('--key <key>', 'names the problem: while one of a key is open, this adds to it')
    .action(bind(async () => (await import('./change-incident.ts')).declareIncident));
  examples(declare, 'signalbox incidents declare "No weather since noon" --severity high');
  const update = incidents
    .command('update')
    .description('Change title, severity or status')
    .argument('<incident>', REF)
    .option('--title <text>', 'what is wrong, in one line')
    .addOption(new Option('--severity <severity>', 'how bad it is').choices(SEVERITIES))
    .addOption(new Option('--status <status>', 'where it stands').choices(['open', 'investigating', 'monitoring']))
    .action(bind(async () => (await import('./change-incident.ts')).updateIncident));
  examples(update, 'signalbox incidents update inc_01h455vb4pex5vsknk084sn02q --status investigating');
  const comment = incidents
    .command('comment')
    .description('Say something in the timeline')
    .argument('<incident>', REF)
    .argument('<text>', 'what to say')
    .action(bind(async () => (await import('./change-incident.ts')).commentIncident));
  examples(comment, 'signalbox incidents comment inc_01h455vb4pex5vsknk084sn02q "The station is off"');
  const link = about(incidents.command('link'))
    .description('Say what it is about, too')
    .argument('<incident>', REF)
    .action(bind(async () => (await import('./change-incident.ts')).linkIncident));
  examples(link, 'signalbox incidents link inc_01h455vb4pex5vsknk084sn02q --run run_01h455vb4pex5vsknk084sn02q');
  const unlink = incidents
    .command('unlink')
    .description('Say that it is not about this')
    .argument('<incident>', REF)
    .argument('<id>', 'of a run, a deployment, a group of failures or a firing, as `show` says')
    .action(bind(async () => (await import('./change-incident.ts')).unlinkIncident));
  examples(unlink, 'signalbox incidents unlink inc_01h455vb4pex5vsknk084sn02q run_01h455vb4pex5vsknk084sn02q');
  const resolve = incidents
    .command('resolve')
    .description('Say that it is over')
    .argument('<incident>', REF)
    .option('--text <text>', 'what was done')
    .action(bind(async () => (await import('./change-incident.ts')).resolveIncident));
  examples(resolve, 'signalbox incidents resolve inc_01h455vb4pex5vsknk084sn02q --text "Switched on"');
  const reopen = incidents
    .command('reopen')
    .description('Say that it is not over')
    .argument('<incident>', REF)
    .option('--text <text>', 'why')
    .action(bind(async () => (await import('./change-incident.ts')).reopenIncident));
  examples(reopen, 'signalbox incidents reopen inc_01h455vb4pex5vsknk084sn02q');
}
