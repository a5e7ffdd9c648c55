import type { MessageId } from '../core/message-id.ts'
import type { MailTrail } from '../core/page-spool.ts'
import type { MailStory, RecipientStory, StoryStep } from '../core/queue-operations.ts'
import type { MessageView } from '../core/spool.ts'
import { ticksOf } from '../core/ticks.ts'
import { type WaitFacts, waitOf } from '../core/waiting.ts'
import type { QueuePagesWorld } from './queue-pages.ts'

/** The whole way of a mail: who has it, what was said, what is still to come. */
export async function storyOf(
  id: MessageId,
  { spool, tellsDelivery }: Pick<QueuePagesWorld, 'spool' | 'tellsDelivery'>,
  facts: WaitFacts,
): Promise<MailStory | undefined> {
  const view = await spool.message(id)
  if (!view) return undefined
  const trail = await spool.trail(id)
  const codes = new Map(trail.codes.map(({ recipient, code }) => [recipient, code]))
  const recipients = view.recipients.map(
    (row): RecipientStory => ({
      recipient: row.recipient,
      address: row.address,
      state: row.state,
      ticks: ticksOf({
        state: row.state,
        code: codes.get(row.recipient) ?? '',
        tellsDelivery: row.upstream !== undefined && tellsDelivery(row.upstream),
      }),
      wait: waitOf({ ...row, code: codes.get(row.recipient) ?? '' }, facts),
      reply: row.reason,
      status: row.status,
    }),
  )
  return { message: id, recipients, undoUntil: trail.undoUntil, steps: stepsOf(view, trail) }
}

function stepsOf(view: MessageView, { attempts, reports }: MailTrail): readonly StoryStep[] {
  const steps: StoryStep[] = [
    { kind: 'accepted', at: view.acceptedWall, session: view.session },
    ...view.parts.map(({ startedAt, upstream, operationId, recipients, sends }) => ({
      kind: 'handed-over' as const,
      at: startedAt,
      upstream,
      operationId,
      recipients,
      sends,
    })),
    ...attempts.map((attempt) => ({ kind: 'attempt' as const, ...attempt })),
    ...reports.map((report) => ({ kind: 'report' as const, ...report })),
  ]
  return steps.toSorted((a, b) => a.at - b.at)
}
