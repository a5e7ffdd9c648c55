import { type Content, contentOf } from '../../src/core/content.ts'
import type { DeviceTrait, Sighting } from '../../src/core/learning.ts'
import type { NewMessage } from '../../src/core/message.ts'
import { type MessageId, messageIdOf } from '../../src/core/message-id.ts'
import type { ClientMemory, LostReply, Publication, Reception, SessionRecord } from '../../src/core/spool.ts'
import type { WallMs } from '../../src/core/time.ts'
import type { SubmissionSpool } from '../../src/submission/parts.ts'

export interface Spooled {
  readonly message: NewMessage
  readonly content: Buffer
}

/** A spool in memory that keeps what it was given and does what the test says. */
export class SpoolDouble implements SubmissionSpool {
  readonly spooled: Spooled[] = []
  readonly savedSessions: SessionRecord[] = []
  readonly remembered: ClientMemory[] = []
  readonly markedLost: MessageId[] = []
  readonly markedHeard: MessageId[] = []
  lostBefore: readonly LostReply[] = []
  readonly abandoned: MessageId[] = []
  clientsKnown: readonly ClientMemory[] = []
  accepted: readonly { readonly device: string; readonly at: WallMs }[] = []
  /** What comes of the next publications. */
  publication: () => Promise<Publication> = () => Promise.resolve({ kind: 'stored' })
  /** Awaited by every write. */
  writing: (() => Promise<void>) | undefined
  open = 0
  #number = 0

  takeId(): Promise<MessageId> {
    this.#number++
    return Promise.resolve(messageIdOf(this.#number))
  }

  receive(id: MessageId): Reception {
    const pieces: Uint8Array[] = []
    this.open++
    return {
      id,
      write: async (octets) => {
        if (this.writing) await this.writing()
        pieces.push(octets)
      },
      content: (): Content => contentOf(Buffer.concat(pieces)),
      publish: async (message) => {
        const publication = await this.publication()
        this.open--
        if (publication.kind === 'stored') this.spooled.push({ message, content: Buffer.concat(pieces) })
        return publication
      },
      abandon: () => {
        this.open--
        this.abandoned.push(id)
        return Promise.resolve()
      },
    }
  }

  lostReplies(): Promise<readonly LostReply[]> {
    return Promise.resolve(this.lostBefore)
  }

  markReplyLost(id: MessageId): Promise<void> {
    this.markedLost.push(id)
    return Promise.resolve()
  }

  markReplyHeard(id: MessageId): Promise<void> {
    this.markedHeard.push(id)
    return Promise.resolve()
  }

  saveSessions(sessions: readonly SessionRecord[]): Promise<void> {
    this.savedSessions.push(...sessions)
    return Promise.resolve()
  }

  rememberClients(clients: readonly ClientMemory[]): Promise<void> {
    this.remembered.push(...clients)
    return Promise.resolve()
  }

  readonly sightingsSaved: Sighting[] = []
  sightingsKnown: readonly Sighting[] = []
  readonly traitsSaved: DeviceTrait[] = []
  traitsKnown: readonly DeviceTrait[] = []
  readonly sightingsForgotten: string[] = []

  saveSightings(sightings: readonly Sighting[]): Promise<void> {
    this.sightingsSaved.push(...sightings)
    return Promise.resolve()
  }

  sightings(): Promise<readonly Sighting[]> {
    return Promise.resolve(this.sightingsKnown)
  }

  forgetSighting(address: string): Promise<void> {
    this.sightingsForgotten.push(address)
    return Promise.resolve()
  }

  saveTraits(traits: readonly DeviceTrait[]): Promise<void> {
    this.traitsSaved.push(...traits)
    return Promise.resolve()
  }

  traits(): Promise<readonly DeviceTrait[]> {
    return Promise.resolve(this.traitsKnown)
  }

  clients(): Promise<readonly ClientMemory[]> {
    return Promise.resolve(this.clientsKnown)
  }

  acceptedSince(): Promise<readonly { readonly device: string; readonly at: WallMs }[]> {
    return Promise.resolve(this.accepted)
  }
}
