import { Command } from 'commander';
import { SDK_VERSION } from '../version.ts';
import { defineAccess } from './commands/access/define.ts';
import { defineAgent } from './commands/agent/define.ts';
import { defineAgents } from './commands/agents/define.ts';
import { defineApiKeys } from './commands/api-keys/define.ts';
import { defineAssets } from './commands/assets/define.ts';
import { defineAudit } from './commands/audit/define.ts';
import { defineAutomations } from './commands/automations/define.ts';
import { defineBackfills } from './commands/backfills/define.ts';
import { defineBlocks } from './commands/blocks/define.ts';
import { defineCalendars } from './commands/calendars/define.ts';
import { defineDeploy } from './commands/deploy/define.ts';
import { defineDeployments } from './commands/deployments/define.ts';
import { defineDoctor } from './commands/doctor/define.ts';
import { defineEvents } from './commands/events/define.ts';
import { defineFailures } from './commands/failures/define.ts';
import { defineGenerate } from './commands/generate/define.ts';
import { defineGrants } from './commands/grants/define.ts';
import { defineIncidents } from './commands/incidents/define.ts';
import { defineInit } from './commands/init/define.ts';
import { defineInvitations } from './commands/invitations/define.ts';
import { defineLimits } from './commands/limits/define.ts';
import { defineLogin } from './commands/login/define.ts';
import { defineMembers } from './commands/members/define.ts';
import { defineNotifications } from './commands/notifications/define.ts';
import { defineOrgs } from './commands/orgs/define.ts';
import { definePools } from './commands/pools/define.ts';
import { defineProfile } from './commands/profile/define.ts';
import { defineQueues } from './commands/queues/define.ts';
import { defineRetention } from './commands/retention/define.ts';
import { defineRoles } from './commands/roles/define.ts';
import { defineRun } from './commands/run/define.ts';
import { defineRuns } from './commands/runs/define.ts';
import { defineSchedules } from './commands/schedules/define.ts';
import { defineServiceAccounts } from './commands/service-accounts/define.ts';
import { defineSlas } from './commands/slas/define.ts';
import { defineTeams } from './commands/teams/define.ts';
import { defineUsage } from './commands/usage/define.ts';
import { defineVariables } from './commands/variables/define.ts';
import { defineVisualize } from './commands/visualize/define.ts';
import { defineWebhooks } from './commands/webhooks/define.ts';
import { defineWorkspace } from './commands/workspace/define.ts';
import { defineCompletion } from './completion/define.ts';
import { EXIT_CODE_HELP } from './exit-code.ts';
import type { Host } from './host.ts';
import { styleFor } from './output/style.ts';
import type { Bind } from './verb.ts';

/** The tree of commands: names, options, help. What they do is imported when they are called. */
export function createProgram(host: Host, bind: Bind): Command {
  const style = styleFor(host.stdout, host.env);
  const program = new Command('signalbox')
    .description('Run and watch workflows on your own machines, from a control plane that never sees their code.')
    .version(SDK_VERSION, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .option('--json', 'print the answer of the API as JSON')
    .option('--url <url>', 'control plane (env SIGNALBOX_URL; default http://localhost:4200)')
    .option('--workspace <slug>', 'workspace (env SIGNALBOX_WORKSPACE)')
    .option('--profile <name>', 'profile of the configuration file (env SIGNALBOX_PROFILE)')
    .option('--no-color', 'no colors (env NO_COLOR)')
    .option('--debug', 'show stacks of errors')
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error:/, styleFor(host.stderr, host.env).red('error:'))),
      getOutHelpWidth: () => host.stdout.columns ?? 100,
      getErrHelpWidth: () => host.stderr.columns ?? 100,
      getOutHasColors: () => style.isColorSupported,
      getErrHasColors: () => style.isColorSupported,
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (text) => style.bold(text),
      styleCommandText: (text) => style.cyan(text),
      styleSubcommandText: (text) => style.cyan(text),
      styleOptionText: (text) => style.green(text),
    });

  program.commandsGroup('Start here:');
  defineInit(program, bind);
  defineLogin(program, bind);
  defineDeploy(program, bind);
  defineRun(program, bind);
  program.commandsGroup('Look and steer:');
  defineRuns(program, bind);
  defineDeployments(program, bind);
  defineSchedules(program, bind);
  defineCalendars(program, bind);
  defineBackfills(program, bind);
  definePools(program, bind);
  defineQueues(program, bind);
  defineLimits(program, bind);
  defineVariables(program, bind);
  defineBlocks(program, bind);
  defineAssets(program, bind);
  defineAgents(program, bind);
  defineEvents(program, bind);
  defineAutomations(program, bind);
  defineFailures(program, bind);
  defineIncidents(program, bind);
  defineNotifications(program, bind);
  defineSlas(program, bind);
  defineWebhooks(program, bind);
  program.commandsGroup('This machine:');
  defineDoctor(program, bind);
  defineVisualize(program, bind);
  defineGenerate(program, bind);
  defineAgent(program, bind);
  defineProfile(program, bind);
  program.commandsGroup('Administration:');
  defineWorkspace(program, bind);
  defineOrgs(program, bind);
  defineMembers(program, bind);
  defineInvitations(program, bind);
  defineTeams(program, bind);
  defineRoles(program, bind);
  defineServiceAccounts(program, bind);
  defineApiKeys(program, bind);
  defineGrants(program, bind);
  defineAccess(program, bind);
  defineAudit(program, bind);
  defineRetention(program, bind);
  defineUsage(program, bind);
  program.commandsGroup('Help:');
  defineCompletion(program, bind);
  program.helpCommand('help [command]', 'show the help of a command');
  program.addHelpText(
    'after',
    `\n${EXIT_CODE_HELP}\n\nExamples:\n  $ signalbox login\n  $ signalbox deploy flow.ts\n  $ signalbox run weather/daily --param years='[2012]' --watch`,
  );
  return program;
}
