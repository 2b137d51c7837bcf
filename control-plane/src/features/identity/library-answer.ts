/** What better-auth refuses, as an error of ours: its texts name no secret, its codes are not a contract. */
import { AppError, type forbidden, limitExceeded } from '../../platform/errors.ts';

type Failure = ReturnType<typeof forbidden>;

/** Texts for people, where the library's own says too little. */
const TEXTS: Readonly<Record<string, string>> = {
  INVALID_CODE: 'The code is wrong or was used already. Take the newest one that your app shows.',
  INVALID_BACKUP_CODE: 'The recovery code is wrong or was used already.',
  INVALID_TWO_FACTOR_COOKIE: 'This sign-in took too long. Begin again with your password.',
  SESSION_NOT_FRESH: 'For this change, sign in anew: the session is older than an hour.',
  INVALID_PASSWORD: 'The password is wrong.',
  INVALID_TOKEN: 'The link is not valid: it may be used, over 30 minutes old, or cut off. Ask for a new one.',
};

/** The error that an answer which is not ok stands for. */
export async function failureOf(response: Response): Promise<Failure> {
  const text = await response.text();
  const { code, message } = parse(text);
  const said = TEXTS[code] ?? message;
  switch (response.status) {
    case 400:
      return new AppError('INVALID_INPUT', said || 'The request is not as expected.');
    case 401:
      return new AppError('UNAUTHENTICATED', said || 'Sign in first.');
    case 403:
      return new AppError(
        'FORBIDDEN',
        code === 'INVALID_ORIGIN' ? 'This page has another origin than the console.' : said || 'Not allowed.',
      );
    case 404:
      return new AppError('NOT_FOUND', said || 'Not found.');
    case 429:
      return limitExceeded(said || 'Too many tries.', { retryAfterMs: 60_000 });
    default:
      return new AppError('INTERNAL', 'Sign-in failed.', { cause: `${response.status} ${code}` });
  }
}

function parse(text: string): { code: string; message: string } {
  try {
    const { code, message } = JSON.parse(text) as { code?: unknown; message?: unknown };
    return { code: typeof code === 'string' ? code : '', message: typeof message === 'string' ? message.slice(0, 300) : '' };
  } catch {
    return { code: '', message: '' };
  }
}
