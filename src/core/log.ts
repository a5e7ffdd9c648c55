export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Structured facts; never a secret, never message text, addresses only where the fact is about them. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined | readonly string[]>>

/** One line per event: `event` is kebab-case and stable, the sentence is for people. */
export interface Log {
  write(level: LogLevel, event: string, fields?: LogFields): void
}
