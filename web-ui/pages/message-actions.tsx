import type { MailStory } from '../../src/core/queue-operations.ts'
import { type Answer, ask } from '../box.ts'
import { boxNow } from '../clock.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { tell, tellTrouble, tellWithUndo } from '../parts/notice.tsx'
import { isAtLeast } from '../role.ts'
import { t } from '../words/language.ts'
import { openStates } from './queue-words.ts'

type Action = 'retry' | 'hold' | 'release' | 'drop'

const icons: Readonly<Record<Action, IconName>> = {
  retry: 'refresh',
  hold: 'pause',
  release: 'play',
  drop: 'trash',
}

const undoMs = 10_000

interface ActionsProps {
  readonly id: string
  readonly story: MailStory
  readonly onDone: () => void
}

/** What may be done with a mail now. Nothing is asked before: what was done can be taken back. */
export function MessageActions({ id, story, onDone }: ActionsProps) {
  if (!isAtLeast('technician')) return null
  const act = async (action: Action) => {
    const answer = await done(action, id)
    if (answer.kind === 'failed') tellTrouble(answer.sentence)
    else if (answer.value.count === 0) tell(t('act.nothing'))
    else report(action, id, answer.value, onDone)
    onDone()
  }
  const undoable = story.undoUntil !== undefined && story.undoUntil > boxNow()
  return (
    <p class="actions">
      {possible(story).map((action) => (
        <button
          key={action}
          type="button"
          class={action === 'drop' ? 'danger' : undefined}
          onClick={() => act(action)}
        >
          <Icon name={icons[action]} />
          {t(`act.${action}`)}
        </button>
      ))}
      {undoable && (
        <button type="button" onClick={() => undoDrop(id).then(onDone)}>
          <Icon name="undo" />
          {t('act.undo-drop')}
        </button>
      )}
    </p>
  )
}

/** By the states of its recipients. What waits for an adoption is let go by nothing else. */
function possible({ recipients }: MailStory): readonly Action[] {
  const isOpen = recipients.some(({ state }) => openStates.has(state))
  const waits = recipients.some(({ state }) => state === 'deferred' || state === 'indeterminate')
  const goes = recipients.some(({ state }) => openStates.has(state) && state !== 'held')
  const isHeld = recipients.some(({ state, wait }) => state === 'held' && wait?.kind !== 'adoption')
  return [
    ...(waits ? (['retry'] as const) : []),
    ...(goes ? (['hold'] as const) : []),
    ...(isHeld ? (['release'] as const) : []),
    ...(isOpen ? (['drop'] as const) : []),
  ]
}

interface Changed {
  readonly count: number
  /** Of a drop. */
  readonly undoUntil?: number
}

const done = (action: Action, selector: string): Promise<Answer<Changed>> =>
  action === 'drop'
    ? ask('POST', '/queue/drop', { body: { selector } })
    : ask('POST', '/queue/actions', { body: { action, selector } })

const undoDrop = (selector: string): Promise<Answer<unknown>> =>
  ask('POST', '/queue/undo-drop', { body: { selector } })

/** Says what was done, with the way back where there is one. */
function report(action: Action, id: string, { count, undoUntil }: Changed, onDone: () => void): void {
  const sentence = t(`act.${action}.done`, { count })
  const back = async (undo: Promise<Answer<unknown>>) => {
    const answer = await undo
    onDone()
    return answer
  }
  switch (action) {
    case 'retry':
      tell(sentence)
      break
    case 'hold':
      tellWithUndo(sentence, undoMs, () => back(done('release', id)))
      break
    case 'release':
      tellWithUndo(sentence, undoMs, () => back(done('hold', id)))
      break
    case 'drop':
      tellWithUndo(sentence, Math.max(0, (undoUntil ?? 0) - boxNow()), () => back(undoDrop(id)))
      break
  }
}
