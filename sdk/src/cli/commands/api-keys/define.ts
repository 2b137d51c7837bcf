import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

export function defineApiKeys(program: Command, bind: Bind): void {
  const keys = program.command('api-keys').description('List, create and revoke API keys of the workspace');
  const ls = keys
    .command('ls')
    .description('List API keys')
    .action(bind(async () => (await import('./list-api-keys.ts')).listApiKeys));
  examples(ls, 'signalbox api-keys ls');
  const create = keys
    .command('create')
    .description('Create an API key and show it, once')
    .argument('<name>', 'what it is for')
    .option('--role <role>', 'viewer, operator, developer, admin or owner (default: developer)')
    .option('--expires-in-days <days>', 'days until it expires, 1 to 365 (default: 90)', wholeNumber)
    .action(bind(async () => (await import('./create-api-key.ts')).createApiKey));
  examples(create, 'signalbox api-keys create ci --role operator --expires-in-days 30');
  const revoke = keys
    .command('revoke')
    .description('Revoke an API key at once')
    .argument('<key>', 'id, name or first characters of the key')
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./revoke-api-key.ts')).revokeApiKey));
  examples(revoke, 'signalbox api-keys revoke ci --yes');
}
