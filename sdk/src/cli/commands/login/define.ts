import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import type { Bind } from '../../verb.ts';

export function defineLogin(program: Command, bind: Bind): void {
  const login = program
    .command('login')
    .description('Sign in, through the browser or with an API key')
    .option('--api-key [key]', 'sign in with an API key; without a value it is read from standard input')
    .option('--no-browser', 'do not open a browser, only print the address')
    .action(bind(async () => (await import('./login.ts')).login));
  examples(
    login,
    'signalbox login',
    'signalbox login --url https://signalbox.example.com --profile work',
    'echo "$KEY" | signalbox login --api-key',
  );

  const logout = program
    .command('logout')
    .description('Forget the API key of a profile')
    .action(bind(async () => (await import('./logout.ts')).logout));
  examples(logout, 'signalbox logout', 'signalbox logout --profile work');

  const whoAmI = program
    .command('whoami')
    .description('Show who you are, where, and what you may do')
    .action(bind(async () => (await import('./who-am-i.ts')).whoAmI));
  examples(whoAmI, 'signalbox whoami', 'signalbox whoami --json');
}
