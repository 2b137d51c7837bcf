/** The only reader of the environment in the console's server. */

/** Where the control plane answers, for server components. Default: the one beside us. */
export function apiUrl(): string {
  return process.env.SIGNALBOX_API_URL ?? 'http://127.0.0.1:4200';
}
