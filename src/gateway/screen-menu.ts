import type { Clock } from '../core/clock.ts'
import { GuessLimits } from '../core/guess-limits.ts'
import type { Log } from '../core/log.ts'
import type { MachinePorts } from '../core/machine-network.ts'
import type { NetworkOperations } from '../core/network-operations.ts'
import type { Done } from '../core/operations.ts'
import type { MenuAnswer, MenuAsk, MenuProof, MenuWay } from '../core/screen-menu.ts'
import type { RowChange } from '../core/setup-operations.ts'
import type { Operators } from '../settings/operators.ts'

export interface MenuParts {
  readonly people: Pick<Operators, 'claim' | 'isClaimCode' | 'verify' | 'standing'>
  readonly network: Pick<NetworkOperations, 'network' | 'tryNetwork' | 'keepNetwork' | 'undoNetwork'>
  readonly clock: Clock
  readonly log: Log
  /** For the audit. */
  readonly record: (who: string, what: string) => void
}

/** One keyboard: whoever guesses at it guesses for everybody. */
const guesser = 'screen'

/** Who may change the network at the screen, and for how long that holds. */
interface Proved {
  readonly who: string
  readonly stands: () => boolean
}

/** The network menu of the screen, over all its connections: they share what was guessed. */
export class ScreenMenu {
  readonly #parts: MenuParts
  readonly #limits: GuessLimits

  constructor(parts: MenuParts) {
    this.#parts = parts
    this.#limits = new GuessLimits(parts.clock)
  }

  /** For one connection: what is proved holds for it alone. */
  conversation(): (line: string) => Promise<MenuAnswer> {
    let proved: Proved | undefined
    return async (line) => {
      const ask = askOf(line)
      if (ask === undefined) return refused('this gateway does not understand its screen')
      if (ask.kind === 'prove') {
        const found = await this.#prove(ask.proof)
        if ('kind' in found) return found
        proved = found
        this.#parts.record(found.who, 'opened the network menu')
        return this.#shown()
      }
      if (proved === undefined || !proved.stands()) {
        proved = undefined
        return closed('What opened this menu does not hold any more: begin anew.')
      }
      return this.#obey(ask, proved.who)
    }
  }

  async #obey(ask: Exclude<MenuAsk, { kind: 'prove' }>, who: string): Promise<MenuAnswer> {
    const { network } = this.#parts
    switch (ask.kind) {
      case 'show':
        return this.#shown()
      case 'try':
        return this.#answer(await network.tryNetwork(ask.network, who))
      case 'keep':
        // Who stands at the screen reaches the box, whatever its addresses are.
        return this.#answer(await network.keepNetwork('', who))
      case 'undo':
        return this.#answer(await network.undoNetwork(who))
    }
  }

  async #answer(done: Done): Promise<MenuAnswer> {
    if (done.kind === 'done') return this.#shown()
    const fields = done.trouble?.why === 'invalid' ? done.trouble.fields : []
    return { kind: 'refused', reason: done.reason, fields }
  }

  async #shown(): Promise<MenuAnswer> {
    const { machine, settings, trial } = await this.#parts.network.network()
    if (machine.kind === 'unknown')
      return closed(
        machine.reason === ''
          ? 'This machine has no service that sets its network: whoever set it up does that.'
          : machine.reason,
      )
    return { kind: 'done', network: { ways: waysOf(machine.view.ports), settings, trial } }
  }

  async #prove(proof: MenuProof): Promise<Proved | MenuAnswer> {
    if (!this.#limits.mayTry(guesser)) return refused('Too many wrong ones: try again in 4 seconds.')
    const found = proof.kind === 'claim-code' ? this.#byCode(proof.code) : await this.#byPassword(proof)
    if (!('kind' in found)) this.#limits.succeed(guesser)
    return found
  }

  #byCode(code: string): Proved | MenuAnswer {
    const { people } = this.#parts
    switch (people.claim().kind) {
      case 'claimed':
        return closed('This box belongs to somebody by now: an administrator signs in.')
      case 'locked':
        return refused('The vault is locked: put the right vault.key back.')
      case 'open':
        if (!people.isClaimCode(code)) return this.#wrong('The claim code is another one.')
        return { who: 'the claim code at the screen', stands: () => people.isClaimCode(code) }
    }
  }

  async #byPassword({
    name,
    password,
  }: Extract<MenuProof, { kind: 'administrator' }>): Promise<Proved | MenuAnswer> {
    const { people } = this.#parts
    const found = await people.verify(name, password)
    if (found.kind === 'wrong') return this.#wrong('Name or password is wrong.')
    if (found.role !== 'administrator')
      return refused(`${found.name} is a ${found.role}: the network is an administrator's to change.`)
    const stands = (): boolean => {
      const standing = people.standing(found.name)
      return standing?.role === 'administrator' && standing.mark === found.mark
    }
    return { who: `${found.name} at the screen`, stands }
  }

  #wrong(reason: string): MenuAnswer {
    this.#limits.fail(guesser)
    this.#parts.log.write('warn', 'screen-menu-refused', {})
    return refused(reason)
  }
}

const waysOf = ({ cable, radio }: MachinePorts): readonly MenuWay[] => [
  ...(cable.length > 0 ? (['cable'] as const) : []),
  ...(radio.length > 0 ? (['Wi-Fi'] as const) : []),
]

const refused = (reason: string): MenuAnswer => ({ kind: 'refused', reason, fields: [] })
const closed = (reason: string): MenuAnswer => ({ kind: 'closed', reason })

/** The screen has fewer rights than this gateway: what it says is looked at like a stranger's. */
function askOf(line: string): MenuAsk | undefined {
  const said = tableOf(line)
  switch (said?.['kind']) {
    case 'prove': {
      const proof = proofOf(said['proof'])
      return proof && { kind: 'prove', proof }
    }
    case 'try': {
      const { network } = said
      // The schema of the setup document looks at what is in it.
      return isTable(network) ? { kind: 'try', network: network as RowChange } : undefined
    }
    case 'show':
    case 'keep':
    case 'undo':
      return { kind: said['kind'] }
    default:
      return undefined
  }
}

function proofOf(said: unknown): MenuProof | undefined {
  if (!isTable(said)) return undefined
  const { kind, code, name, password } = said
  if (kind === 'claim-code' && typeof code === 'string') return { kind, code }
  if (kind === 'administrator' && typeof name === 'string' && typeof password === 'string')
    return { kind, name, password }
  return undefined
}

function tableOf(line: string): Record<string, unknown> | undefined {
  try {
    const said: unknown = JSON.parse(line)
    return isTable(said) ? said : undefined
  } catch {
    return undefined
  }
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
