/** Loaded before everything else (`--import`), it sets the wall clock of a process, and of what it starts, off by so much. */
const offMs = Number(process.env['TEST_CLOCK_OFF_MS'] ?? 0);
const RealDate = Date;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [target.now() + offMs] : args, newTarget),
  get: (target, name) => (name === 'now' ? () => RealDate.now() + offMs : Reflect.get(target, name)),
});
