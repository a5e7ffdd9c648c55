import { lookup, Resolver } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { MailHost, NameAnswer, NameService } from '../core/diagnosis.ts'
import { canonicalAddress } from './network.ts'

export interface NameServiceOptions {
  /** `address` or `address:port`; absent: those of the machine. */
  readonly servers?: readonly string[]
  readonly hostsFile?: string
}

/** Of one try, ms; c-ares takes a little more for each further one. */
const tryMs = 1200
const tries = 2

/**
 * Asks the DNS itself, each question with an end: the machine's own look-up (getaddrinfo) can't be ended, and does not
 * tell a silent server from a name that is not there.
 */
export class DnsNames implements NameService {
  readonly #options: NameServiceOptions

  constructor(options: NameServiceOptions = {}) {
    this.#options = options
  }

  servers(): readonly string[] {
    return this.#resolver().getServers()
  }

  async addresses(host: string, signal: AbortSignal): Promise<NameAnswer<string>> {
    if (isIP(host) !== 0) return { kind: 'found', values: [host] }
    const known = hostsEntries(this.#options.hostsFile ?? '/etc/hosts', host)
    if (known.length > 0) return { kind: 'found', values: known }
    const [four, six] = await Promise.all([
      this.#ask(signal, (resolver) => resolver.resolve4(host)),
      this.#ask(signal, (resolver) => resolver.resolve6(host)),
    ])
    const found = [four, six].flatMap((answer) => (answer.kind === 'found' ? answer.values : []))
    if (found.length > 0) return { kind: 'found', values: found }
    return isLocalName(host) && this.#options.servers === undefined ? machineLookup(host, four, signal) : four
  }

  texts(name: string, signal: AbortSignal): Promise<NameAnswer<string>> {
    return this.#ask(signal, async (resolver) =>
      (await resolver.resolveTxt(name)).map((pieces) => pieces.join('')),
    )
  }

  aliases(name: string, signal: AbortSignal): Promise<NameAnswer<string>> {
    return this.#ask(signal, (resolver) => resolver.resolveCname(name))
  }

  mailHosts(domain: string, signal: AbortSignal): Promise<NameAnswer<MailHost>> {
    return this.#ask(signal, async (resolver) =>
      (await resolver.resolveMx(domain))
        .map(({ exchange, priority }) => ({ host: exchange.toLowerCase(), preference: priority }))
        .sort((a, b) => a.preference - b.preference),
    )
  }

  #resolver(): Resolver {
    const resolver = new Resolver({ timeout: tryMs, tries })
    if (this.#options.servers) resolver.setServers([...this.#options.servers])
    return resolver
  }

  async #ask<T>(
    signal: AbortSignal,
    question: (resolver: Resolver) => Promise<readonly T[]>,
  ): Promise<NameAnswer<T>> {
    if (signal.aborted) return { kind: 'silent', code: 'ECANCELLED' }
    // One for each question: `cancel` ends everything that a resolver was asked.
    const resolver = this.#resolver()
    const end = (): void => resolver.cancel()
    signal.addEventListener('abort', end, { once: true })
    try {
      const values = await question(resolver)
      return values.length > 0 ? { kind: 'found', values } : { kind: 'no-record' }
    } catch (error) {
      return answerOf(error)
    } finally {
      signal.removeEventListener('abort', end)
    }
  }
}

/** c-ares's words (node:dns, "Error codes"). */
function answerOf(error: unknown): Exclude<NameAnswer<never>, { kind: 'found' }> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'ETIMEOUT'
  switch (code) {
    case 'ENOTFOUND':
      return { kind: 'no-name' }
    case 'ENODATA':
      return { kind: 'no-record' }
    case 'ETIMEOUT':
    case 'ECANCELLED':
    case 'ECONNREFUSED':
      return { kind: 'silent', code }
    default:
      return { kind: 'failed', code: code.replace(/^E/, '') }
  }
}

/** Names of the local network are told by mDNS or a router, not by the DNS proper. */
const isLocalName = (host: string): boolean => host.endsWith('.local') || !host.includes('.')

async function machineLookup(
  host: string,
  otherwise: NameAnswer<string>,
  signal: AbortSignal,
): Promise<NameAnswer<string>> {
  const ended = new Promise<NameAnswer<string>>((resolve) => {
    signal.addEventListener('abort', () => resolve(otherwise), { once: true })
  })
  const found = lookup(host, { all: true }).then(
    (entries): NameAnswer<string> => ({ kind: 'found', values: entries.map(({ address }) => address) }),
    () => otherwise,
  )
  return signal.aborted ? otherwise : Promise.race([found, ended])
}

/** hosts(5); a machine without the file has no entries. */
function hostsEntries(file: string, host: string): readonly string[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines.flatMap((line) => {
      const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
      const isMeant = names.some((name) => name.toLowerCase() === host.toLowerCase())
      return isMeant && isIP(address) !== 0 ? [canonicalAddress(address)] : []
    })
  } catch {
    return []
  }
}
