/** The wire's bound on names, checked where an author writes them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const NAME = /^[^/%&<>\u0000-\u001f\u007f]{1,200}$/;

/** The name itself. @throws RangeError when it may not be a name. */
export function checkName(name: unknown, what: string): string {
  if (typeof name === 'string' && NAME.test(name) && name.trim() === name) return name;
  throw new RangeError(`${what}: name: expected 1 to 200 characters without / % & < > and outer spaces, got ${JSON.stringify(name)}`);
}
