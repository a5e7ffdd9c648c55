import type { Content } from '../core/content.ts'
import { type MessageId, messageIdOf, messageNumberOf } from '../core/message-id.ts'
import type { Done, Operations } from '../core/operations.ts'
import type { MessageView, QueueSelector, Spool } from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'

type QueueOperations = Pick<
  Operations,
  'queue' | 'message' | 'content' | 'act' | 'sessions' | 'session' | 'forget'
>

interface QueueWorld {
  readonly spool: Spool
  readonly now: () => WallMs
  /** After a change by hand: something may be due. */
  readonly onChange: () => void
  readonly record: (who: string, what: string) => void
}

/** What can be done with the spool alone, by a running gateway or beside the databases. */
export function queueOperations({ spool, now, onChange, record }: QueueWorld): QueueOperations {
  return {
    queue: (options) => spool.queue(options),
    message: async (typed) => {
      const selector = selectorOf(typed)
      return selector && selector !== 'all' ? spool.message(selector.message) : undefined
    },
    content: async (typed, who) => {
      const selector = selectorOf(typed)
      const content = selector && selector !== 'all' ? await contentOf(spool, selector.message) : undefined
      if (content && who !== undefined) record(who, `message ${typed}: its content was downloaded`)
      return content
    },
    act: async (action, typed, who): Promise<Done<{ readonly count: number }>> => {
      const selector = selectorOf(typed)
      if (!selector)
        return {
          kind: 'refused',
          isWrongInput: true,
          reason: `${typed} is no message: an id looks like 7K, or 7K/3 for its third recipient`,
        }
      const count = await spool.operate(action, selector, now())
      if (count === 0 && selector !== 'all')
        return { kind: 'refused', reason: `${typed} is not in the queue, or not in a state to ${action}` }
      if (count > 0)
        record(who, `queue: ${action} ${typed} (${count} ${count === 1 ? 'delivery' : 'deliveries'})`)
      onChange()
      return { kind: 'done', count }
    },
    sessions: (limit) => spool.sessions(limit),
    session: (id) => spool.session(id),
    forget: async (address, who) => {
      const count = await spool.forget(address)
      record(who, `history: an address was erased from ${count} finished deliveries`)
      return { kind: 'done', count }
    },
  }
}

/** `7K`, `7K/3`, `all`; undefined if it is none of them. */
export function selectorOf(typed: string): QueueSelector | undefined {
  if (typed === 'all') return 'all'
  const [id = '', recipient, ...rest] = typed.split('/')
  const number = messageNumberOf(id)
  if (number === undefined || rest.length > 0) return undefined
  if (recipient === undefined) return { message: messageIdOf(number) }
  return /^[1-9]\d{0,4}$/.test(recipient)
    ? { message: messageIdOf(number), recipient: Number(recipient) }
    : undefined
}

/** From the outbox as it would have gone out; else as spooled. */
async function contentOf(spool: Spool, id: MessageId): Promise<AsyncIterable<Uint8Array> | undefined> {
  const [view, content] = await Promise.all([spool.message(id), spool.content(id)])
  if (!view || !content) return undefined
  return view.outbox ? outgoing(view.outbox, content) : content.read()
}

async function* outgoing(
  outbox: NonNullable<MessageView['outbox']>,
  content: Content,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(outbox.header)
  yield* content.read({ start: outbox.bodyStart, end: content.size })
}
