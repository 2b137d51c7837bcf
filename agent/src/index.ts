/** The Signalbox agent as a package: `serve()` of the SDK and `signalbox agent` start it through here. */
export { runAgentCli } from './cli.ts';
