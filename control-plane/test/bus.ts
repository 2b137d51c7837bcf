export { startTestBus, type TestBus } from '../../infra/test-support/bus.ts';
