import type { Clock } from '../../src/core/clock.ts'
import { type LiveListener, nobodyListens } from '../../src/core/live.ts'
import type { LogFields } from '../../src/core/log.ts'
import type { NewMessage } from '../../src/core/message.ts'
import type { MessageId } from '../../src/core/message-id.ts'
import type { OpenedSecret } from '../../src/core/secret.ts'
import type { ListenerSetup, Setup } from '../../src/core/setup.ts'
import { wallMs } from '../../src/core/time.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { MemoryBudget } from '../../src/platform/memory-budget.ts'
import type { Neighbours } from '../../src/platform/neighbours.ts'
import type { Submission, SubmissionSpool, WayOut } from '../../src/submission/parts.ts'
import { startSubmission } from '../../src/submission/submission.ts'
import { TakeOverWindow } from '../../src/submission/take-over.ts'
import { type Identity, makeSelfSignedIdentity } from '../emulator/certificate-authority.ts'
import { oldIdentity } from './old-identities.ts'
import { SpoolDouble } from './spool-double.ts'

let identity: Promise<Identity> | undefined
/** One certificate for all tests of a process: a key takes its time. */
export const testIdentity = (): Promise<Identity> => {
  identity ??= makeSelfSignedIdentity('box.local')
  return identity
}

export interface RigOptions<S extends SubmissionSpool> {
  readonly setup: Setup
  readonly spool?: S
  readonly clock?: Clock
  readonly memory?: number
  readonly passwords?: Readonly<Record<string, string>>
  readonly neighbours?: Neighbours
  /** Makes the take-over window; none is open by itself. */
  readonly takeOver?: TakeOverWindow
  readonly wayOut?: (message: NewMessage) => WayOut
  readonly live?: LiveListener
}

/** A submission room on loopback ports with everything around it played by the test. */
export class Rig<S extends SubmissionSpool = SpoolDouble> implements AsyncDisposable {
  readonly submission: Submission
  readonly spool: S
  readonly memory: MemoryBudget
  readonly log: readonly { readonly event: string; readonly fields: LogFields | undefined }[]
  readonly accepted: readonly MessageId[]
  readonly #setup: () => Setup
  readonly #change: (setup: Setup) => void

  private constructor(
    parts: Pick<Rig<S>, 'submission' | 'spool' | 'memory' | 'log' | 'accepted'>,
    setup: () => Setup,
    change: (setup: Setup) => void,
  ) {
    this.submission = parts.submission
    this.spool = parts.spool
    this.memory = parts.memory
    this.log = parts.log
    this.accepted = parts.accepted
    this.#setup = setup
    this.#change = change
  }

  static open(options: RigOptions<SpoolDouble>): Promise<Rig> {
    return Rig.with({ ...options, spool: options.spool ?? new SpoolDouble() })
  }

  static async with<S extends SubmissionSpool>(
    options: RigOptions<S> & { readonly spool: S },
  ): Promise<Rig<S>> {
    let setup = options.setup
    const log: { event: string; fields: LogFields | undefined }[] = []
    const accepted: MessageId[] = []
    const memory = new MemoryBudget(options.memory ?? 48e6)
    const served = await testIdentity()
    const clock = options.clock ?? systemClock(wallMs(0))
    const submission = await startSubmission({
      setup: () => setup,
      secrets: { open: (name) => opened(options.passwords, name) },
      spool: options.spool,
      clock,
      log: { write: (_level, event, fields) => log.push({ event, fields }) },
      live: options.live ?? nobodyListens,
      memory,
      identities: { modern: () => served, old: oldIdentity },
      neighbours: options.neighbours ?? { hardwareAt: () => Promise.resolve({ kind: 'routed' }) },
      makers: () => Promise.resolve(new Map()),
      takeOver: options.takeOver ?? (await noTakeOver(clock)),
      wayOut: options.wayOut ?? (() => ({ kind: 'ok' })),
      onAccepted: ({ id }) => accepted.push(id),
      bootId: 'test',
      random: Math.random,
    })
    const change = (next: Setup): void => {
      setup = next
    }
    return new Rig({ submission, spool: options.spool, memory, log, accepted }, () => setup, change)
  }

  port(name = 'submission'): number {
    const found = this.submission.addresses().find((listener) => listener.name === name)
    if (!found) throw new Error(`no listener ${name}`)
    return found.port
  }

  /** The listeners as they are bound: a changed setup with these keeps its ports. */
  listeners(): readonly ListenerSetup[] {
    return this.#setup().listeners
  }

  async change(setup: Setup) {
    this.#change(setup)
    return this.submission.reload()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.submission.stop(AbortSignal.abort())
  }
}

/** A box on which nobody ever opened a window. */
export const noTakeOver = (clock: Clock): Promise<TakeOverWindow> =>
  TakeOverWindow.restore({
    clock,
    spool: {
      takeOver: () => Promise.resolve(undefined),
      setTakeOver: () => Promise.resolve(),
      unadopted: () => Promise.resolve([]),
    },
  })

function opened(passwords: Readonly<Record<string, string>> | undefined, name: string): OpenedSecret {
  if (!passwords) return { kind: 'locked' }
  const value = passwords[name]
  return value === undefined ? { kind: 'absent' } : { kind: 'open', value }
}
