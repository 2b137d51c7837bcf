/** The wire's bound on names, checked where an author writes them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const NAME = /^[^/%&<>\u0000-\u001f\u007f]{1,200}$/;

/** The name itself. @throws RangeError when it may not be a name. */
export function checkName(name: unknown, what: string): string {
  if (typeof name === 'string' && NAME.test(name) && name.trim() === name) return name;
  throw new RangeError(`${what}: name: expected 1 to 200 characters without / % & < > and outer spaces, got ${JSON.stringify(name)}`);
}

/** What it is called: as its options say, else as its function. @throws RangeError when neither has a name. */
export function nameOf(given: string | undefined, fn: unknown, what: string): string {
  const own = typeof fn === 'function' ? fn.name : '';
  if (given === undefined && own === '')
    throw new RangeError(`${what}: name: expected a name, since its function has none: ${what}({ name: 'load' }, ...)`);
  return checkName(given ?? own, what);
}

const TAGS_MAX = 20;

/** The tags themselves, each once. @throws RangeError when one may not be a tag, or there are more than 20. */
export function checkTags(tags: readonly string[], owner: string): readonly string[] {
  if (tags.length > TAGS_MAX) throw new RangeError(`${owner}: tags: expected at most ${TAGS_MAX}, got ${tags.length}`);
  const odd = tags.find((tag) => typeof tag !== 'string' || tag.trim() !== tag || tag.length < 1 || tag.length > 100);
  if (odd !== undefined)
    throw new RangeError(`${owner}: tags: expected 1 to 100 characters without outer spaces, got ${JSON.stringify(odd)}`);
  return [...new Set(tags)];
}
