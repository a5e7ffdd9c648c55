// What the upstream says or does instead of its normal course: rules by command and text, first match wins.

/** Commands that rules can name. */
export const scriptedVerbs = [
  'EHLO',
  'HELO',
  'STARTTLS',
  'AUTH',
  'MAIL',
  'RCPT',
  'DATA',
  'BDAT',
  'RSET',
  'NOOP',
  'VRFY',
  'QUIT',
] as const

/** `CONNECT` is before the banner, `UPLOAD` while content is coming, `CONTENT` after its final dot.
 * At `UPLOAD` (with BDAT: each chunk) only `drop` and `stall` mean something. */
export type SmtpStage = (typeof scriptedVerbs)[number] | 'CONNECT' | 'UPLOAD' | 'CONTENT'

export type SmtpAction =
  /** A 4xx or 5xx takes the place of the command; a 2xx or 3xx only replaces its text. Lines separated by \n. */
  | { readonly kind: 'reply'; readonly reply: string; readonly isClosing?: boolean }
  /** Connection reset; `isStored` takes the mail first (CONTENT), `afterOctets` says when (UPLOAD; default 1). */
  | { readonly kind: 'drop'; readonly isStored?: boolean; readonly afterOctets?: number }
  /** Says nothing any more. */
  | { readonly kind: 'stall'; readonly isStored?: boolean }

export interface SmtpRule {
  readonly on: SmtpStage
  /** Tried on the command line; at CONTENT and UPLOAD on the envelope, `FROM:<a> TO:<b> TO:<c>`. */
  readonly match?: RegExp
  /** How often it applies; default: always. */
  readonly count?: number
  /** How many matches pass first; default 0. */
  readonly skip?: number
  /** Awaited before acting, so that a test can hold a reply back. */
  readonly wait?: Promise<unknown>
  /** Without one the normal course goes on (after `wait`). */
  readonly action?: SmtpAction
}

export interface SmtpScript {
  add(...rules: SmtpRule[]): void
  clear(): void
  take(stage: SmtpStage, text: string): SmtpRule | undefined
}

export function createSmtpScript(): SmtpScript {
  let entries: { readonly rule: SmtpRule; skip: number; left: number }[] = []

  function take(stage: SmtpStage, text: string): SmtpRule | undefined {
    const entry = entries.find(
      (one) => one.rule.on === stage && (one.rule.match === undefined || one.rule.match.test(text)),
    )
    if (entry === undefined) return undefined
    if (entry.skip > 0) {
      entry.skip -= 1
      return undefined
    }
    entry.left -= 1
    entries = entries.filter((one) => one.left > 0)
    return entry.rule
  }

  return {
    add: (...rules) => {
      const infinite = Number.POSITIVE_INFINITY
      entries.push(...rules.map((rule) => ({ rule, skip: rule.skip ?? 0, left: rule.count ?? infinite })))
    },
    clear: () => {
      entries = []
    },
    take,
  }
}
