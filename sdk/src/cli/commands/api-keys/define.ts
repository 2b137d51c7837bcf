import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

export function defineApiKeys(program: Command, bind: Bind): void {
  const keys = program.command('api-keys').alias('keys').description('List, create, rotate and revoke API keys of the workspace');
  const ls = keys
    .command('ls')
    .description('List API keys')
    .action(bind(async () => (await import('./list-api-keys.ts')).listApiKeys));
  examples(ls, 'signalbox api-keys ls');
  const create = keys
    .command('create')
    .description('Create an API key and show it, once')
    .argument('<name>', 'what it is for')
    .option('--role <role>', 'viewer, runner, developer, operator, owner or agent (default: developer, or your own)')
    .option('--scopes <scope...>', "of the role's scopes, these alone")
    .option('--organization-scopes <scope...>', 'what it may in the organization besides, such as organization:teams')
    .option('--service-account <slug>', 'whose it is to be: slug or id (default: yours)')
    .option('--expires-in-days <days>', 'days until it expires, 1 to 365 (default: 90)', wholeNumber)
    .action(bind(async () => (await import('./create-api-key.ts')).createApiKey));
  examples(create, 'signalbox api-keys create ci --role operator --expires-in-days 30');
  const rotate = keys
    .command('rotate')
    .description('Put a new API key in the place of an old one, which works on for a while')
    .argument('<key>', 'id, name or first characters of the key')
    .option('--overlap-hours <hours>', 'how long the old one works beside it, 0 to 168 (default: 24)', wholeNumber)
    .option('--expires-in-days <days>', 'days until the new one expires, 1 to 365 (default: 90)', wholeNumber)
    .action(bind(async () => (await import('./rotate-api-key.ts')).rotateApiKey));
  examples(rotate, 'signalbox api-keys rotate ci --overlap-hours 2');
  const revoke = keys
    .command('revoke')
    .description('Revoke an API key at once')
    .argument('<key>', 'id, name or first characters of the key')
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./revoke-api-key.ts')).revokeApiKey));
  examples(revoke, 'signalbox api-keys revoke ci --yes');
}
