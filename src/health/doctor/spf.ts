import type { NameAnswer, NameService } from '../../core/diagnosis.ts'

/** What a domain's SPF record (RFC 7208) comes to, its includes followed. */
export interface SpfSight {
  /** Of the domain itself: exactly one is right (section 4.5). */
  readonly records: readonly string[]
  /** Terms that cost a look-up, nested ones too: more than ten are a permanent error (section 4.6.4). */
  readonly lookups: number
  /** Every domain that is included, directly or not. */
  readonly included: ReadonlySet<string>
  /** `ip4` and `ip6` of it and of what it includes. */
  readonly ranges: readonly string[]
  /** How the domain's own record ends: `-all`, `~all` …, or empty. */
  readonly all: string
  /** The DNS did not answer for the domain itself. */
  readonly isUnknown: boolean
}

export const mostLookups = 10
/** Enough to say that it is too many. */
const giveUpAfter = 20

/** Reads the record and follows its includes; never rejects. */
export async function readSpf(domain: string, names: NameService, signal: AbortSignal): Promise<SpfSight> {
  const answer = await names.texts(domain, signal)
  const records = spfIn(answer)
  const walk = new Walk(names, signal)
  const [only] = records
  if (records.length === 1 && only !== undefined) await walk.follow(only)
  return {
    records,
    lookups: walk.lookups,
    included: walk.included,
    ranges: walk.ranges,
    all: /(?:^|\s)([-~?+]?all)\b/i.exec(only ?? '')?.[1]?.toLowerCase() ?? '',
    isUnknown: answer.kind === 'silent' || answer.kind === 'failed',
  }
}

const spfIn = (answer: NameAnswer<string>): readonly string[] =>
  answer.kind === 'found' ? answer.values.filter((text) => /^v=spf1(\s|$)/i.test(text)) : []

class Walk {
  lookups = 0
  readonly included = new Set<string>()
  readonly ranges: string[] = []
  readonly #names: NameService
  readonly #signal: AbortSignal

  constructor(names: NameService, signal: AbortSignal) {
    this.#names = names
    this.#signal = signal
  }

  async follow(record: string): Promise<void> {
    for (const term of record.split(/\s+/).slice(1)) {
      if (this.lookups > giveUpAfter) return
      await this.#take(term.replace(/^[-~?+]/, ''))
    }
  }

  async #take(term: string): Promise<void> {
    const range = /^ip[46]:(.+)$/i.exec(term)?.[1]
    if (range !== undefined) this.ranges.push(range)
    if (!/^(include:|redirect=|exists:|(a|mx|ptr)([:/]|$))/i.test(term)) return
    this.lookups += 1
    const next = /^(?:include:|redirect=)(.+)$/i.exec(term)?.[1]?.toLowerCase()
    // A macro stands for something else with each mail (section 7).
    if (next === undefined || next.includes('%') || this.included.has(next)) return
    this.included.add(next)
    const [record] = spfIn(await this.#names.texts(next, this.#signal))
    if (record !== undefined) await this.follow(record)
  }
}
