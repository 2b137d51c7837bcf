/**
 * Which passwords are too easy to guess: those of the bundled list of leaked ones, and those that a guesser who knows the
 * person's own words finds within a hundred million tries. Nothing is asked of the network.
 */
export const MIN_PASSWORD_CHARACTERS = 8;
export const MAX_PASSWORD_CHARACTERS = 128;
/** Of 4: "safely unguessable" against an attacker who is slowed down, which sign-in does. */
const MIN_SCORE = 2;
/** The cost of the estimate grows with the square of the length. */
const ESTIMATED_CHARACTERS = 64;

let loading: ReturnType<typeof load> | undefined;

/** When the first password is set: dictionaries of 35 MB. */
async function load() {
  const { ZxcvbnFactory } = await import('@zxcvbn-ts/core');
  const { adjacencyGraphs, dictionary: common } = await import('@zxcvbn-ts/language-common');
  const { dictionary: english } = await import('@zxcvbn-ts/language-en');
  return {
    leaked: new Set(common['passwords-common']?.map(String)),
    estimator: new ZxcvbnFactory({ dictionary: { ...common, ...english }, graphs: adjacencyGraphs }),
  };
}

/**
 * Why a password may not be used, as what is expected of one; null: it may.
 * @param own words a guesser would try first: the person's email and name.
 */
export async function refuseWeakPassword(password: string, own: readonly string[]): Promise<string | null> {
  if (password.length < MIN_PASSWORD_CHARACTERS || password.length > MAX_PASSWORD_CHARACTERS)
    return `${MIN_PASSWORD_CHARACTERS} to ${MAX_PASSWORD_CHARACTERS} characters`;
  loading ??= load();
  const { leaked, estimator } = await loading;
  if (leaked.has(password.toLowerCase())) return 'a password that is not on the lists of leaked ones';
  const words = own.flatMap((text) => [text, text.split('@')[0] ?? '', ...text.split(/[^\p{L}\p{N}]+/u)]).filter((word) => word.length > 2);
  const { score, feedback } = estimator.check(password.slice(0, ESTIMATED_CHARACTERS), words);
  if (score >= MIN_SCORE) return null;
  return `a password that is harder to guess: three or four words that have nothing to do with each other${feedback.warning ? ` (${feedback.warning})` : ''}`;
}
