/** Mail to people: invitations, recovery of a password, notices about their account. Text alone. */
import type { Log } from './log.ts';

export type Message = { readonly to: string; readonly subject: string; readonly text: string };

export type Mail = {
  /** False: no mail server is configured, and links must be handed over by hand. */
  readonly isConfigured: boolean;
  /** Resolves when the server took the message. @throws when it did not. */
  send(message: Message): Promise<void>;
};

export type MailSettings = {
  /** `smtp://user:password@host:587` (STARTTLS where offered) or `smtps://host:465`; null: none. */
  readonly smtpUrl: string | null;
  /** Sender: `Signalbox <signalbox@example.com>`. */
  readonly mailFrom: string;
};

const TIMEOUT_MS = 15_000;

/** The mail server of the settings. Without one, what would be sent is counted in the log by its subject; its text may hold a link that is a credential. */
export function openMail(settings: MailSettings, log: Log): Mail {
  const { smtpUrl, mailFrom } = settings;
  if (smtpUrl === null) {
    return {
      isConfigured: false,
      send: async ({ subject }) => log.warn({ subject }, 'no mail server is configured (SIGNALBOX_SMTP_URL): a message was not sent'),
    };
  }
  // Loaded where there is a server alone: it takes 20 MB.
  const transport = import('nodemailer').then(({ default: nodemailer }) =>
    nodemailer.createTransport(smtpUrl, {
      from: mailFrom,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      // Nothing of a message is read from a file or fetched from an address.
      disableFileAccess: true,
      disableUrlAccess: true,
    } as object),
  );
  return {
    isConfigured: true,
    send: async ({ to, subject, text }) => void (await (await transport).sendMail({ to, subject, text })),
  };
}
