export { type LiveStreams, openLiveStreams } from './live-streams.ts';
